/// What this server says it is.
package enum ServerVersion {
    /// The ZooKeeper whose protocol is spoken; clients decide by it what they may ask.
    package static let compatible = "3.9.3"
    package static let own = "0.1.0"
    /// As `srvr` shows it: clients read the number in front.
    package static let text = "\(compatible)-aviary-\(own)"
}
