import java.io.BufferedReader;
import java.io.InputStreamReader;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;

/**
 * Apache's client with two persistent watches: prints each event as it comes, and does what it reads.
 *
 * Arguments: HOST:PORT, a path to watch, a path to watch recursively, the session's timeout in milliseconds.
 */
public class Listener implements Watcher {
    public static void main(String[] arguments) throws Exception {
        Listener listener = new Listener();
        ZooKeeper client = new ZooKeeper(arguments[0], Integer.parseInt(arguments[3]), listener);
        client.addWatch(arguments[1], listener, AddWatchMode.PERSISTENT);
        client.addWatch(arguments[2], listener, AddWatchMode.PERSISTENT_RECURSIVE);
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            if (command.equals("ask")) {
                client.exists("/", false);
                System.out.println("asked");
            }
        }
        client.close();
    }

    @Override
    public void process(WatchedEvent event) {
        if (event.getType() == Watcher.Event.EventType.None) {
            System.out.println("state " + event.getState());
        } else {
            System.out.println("event " + event.getType().getIntValue() + " " + event.getPath() + " " + event.getZxid());
        }
    }
}
