import Identifiers

/// `cons` and the clients in `stat`: a line for every connection.
extension Core {
    func appendConnections(full: Bool, to text: inout ReportText) {
        for connection in connections.all {
            guard text.hasRoom else {
                text.cut("connections", count: connections.count)
                return
            }
            append(connection, full: full, to: &text)
        }
    }

    /// The number in brackets is Java's set of what a selector waits for.
    private func append(_ connection: Connection, full: Bool, to text: inout ReportText) {
        text.append(" ")
        text.append(connection.remoteDescription)
        text.append("[")
        text.append(connection.interestOperations)
        text.append("](queued=")
        text.append(connection.pendingCount)
        text.append(",recved=")
        text.append(connection.receivedCount)
        text.append(",sent=")
        text.append(connection.sentCount)
        if full, connection.sessionID != .none { appendSession(of: connection, to: &text) }
        text.append(")\n")
    }

    private func appendSession(of connection: Connection, to text: inout ReportText) {
        let figures = connection.figures
        text.append(",sid=0x")
        text.append(hexadecimal: connection.sessionID.rawValue)
        text.append(",lop=")
        text.append(figures.operationName)
        text.append(",est=")
        text.append(wallMilliseconds - (now - connection.openedAt) / 1_000_000)
        text.append(",to=")
        text.append(connection.sessionTimeout)
        if figures.lastCxid >= 0 {
            text.append(",lcxid=0x")
            text.append(hexadecimal: Int64(figures.lastCxid))
        }
        text.append(",lzxid=0x")
        text.append(hexadecimal: figures.lastZxid)
        text.append(",lresp=")
        text.append(figures.lastRespondedAt)
        text.append(",llat=")
        text.append(figures.lastLatency)
        text.append(",minlat=")
        text.append(figures.minimumLatency)
        text.append(",avglat=")
        text.append(figures.meanLatency)
        text.append(",maxlat=")
        text.append(figures.greatestLatency)
    }

    func resetConnectionStatistics() {
        for connection in connections.all {
            connection.receivedCount = 0
            connection.sentCount = 0
            connection.figures = ConnectionFigures()
        }
    }
}

extension Connection {
    /// Java's set of what a selector waits for: 1 is reading, 4 writing.
    var interestOperations: Int {
        let reads = phase.takesRequests && !readingIsPaused
        return (reads ? 1 : 0) + (isWritable ? 0 : 4)
    }
}
