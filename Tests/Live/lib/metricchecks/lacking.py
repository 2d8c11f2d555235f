"""The names of Apache ZooKeeper 3.9.3's page that ours does not have, by why.

docs/compatibility.md names each group by the words here; a name that ours has may not stand here.
"""

LACKING = {
    "stages between threads": """
        prep_processor_queue_time_ms prep_processor_queue_size prep_processor_request_queued prep_process_time
        proposal_process_time close_session_prep_time outstanding_changes_queued outstanding_changes_removed
        sync_processor_queue_time_ms sync_processor_queue_and_flush_time_ms sync_processor_queue_flush_time_ms
        sync_process_time read_final_proc_time_ms write_final_proc_time_ms propagation_latency commit_process_time
        requests_in_session_queue pending_session_queue_size reads_after_write_in_session_queue
        reads_issued_from_session_queue session_queues_drained time_waiting_empty_pool_in_commit_processor_read_ms
        write_batch_time_in_commit_processor concurrent_request_processing_in_commit_processor
        read_commit_proc_req_queued write_commit_proc_req_queued commit_commit_proc_req_queued request_commit_queued
        read_commit_proc_issued write_commit_proc_issued read_commitproc_time_ms write_commitproc_time_ms
        local_write_committed_time_ms server_write_committed_time_ms requests_not_forwarded_to_commit_processor""",
    "peers": """
        ack_latency commit_count commit_propagation_latency diff_count election_time follower_sync_time
        inflight_diff_count inflight_snap_count leader_unavailable_time learner_commit_received_count
        learner_handler_qp_size learner_handler_qp_time_ms learner_proposal_received_count
        learner_request_processor_queue_size looking_count observer_sync_time om_commit_process_time_ms
        om_proposal_process_time_ms proposal_ack_creation_latency proposal_count proposal_latency
        quit_leading_due_to_disloyal_voter quorum_ack_latency revalidate_count
        skip_learner_request_to_next_processor_count snap_count socket_closing_time unavailable_time""",
    "response cache": """
        response_packet_cache_hits response_packet_cache_misses response_packet_get_children_cache_hits
        response_packet_get_children_cache_misses""",
    "dead watchers": """
        add_dead_watcher_stall_time dead_watchers_queued dead_watchers_cleared dead_watchers_cleaner_latency""",
    "Netty and a start": """
        netty_queued_buffer_capacity cnxn_closed_without_zk_server_running""",
    "Java virtual machine": "jvm_pause_time_ms",
    "admin port": """
        insecure_admin_count restore_rate_limited_count snapshot_rate_limited_count""",
}
NAMES = {name for names in LACKING.values() for name in names.split()}
