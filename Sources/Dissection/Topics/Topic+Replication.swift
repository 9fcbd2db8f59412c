// The protocol's words, from the first connection to the last acknowledgement.
extension Topic {
  static let replication: [Topic] = [
    Topic(
      name: "replid", others: ["replication-id", "replication_id"],
      text: """
        The name of a history of writes: 40 hexadecimal digits that a master draws. Two nodes with the same replid and
        the same offset have the same data. A master draws a new one when its first replica comes, so what INFO showed
        before is not what that replica gets.
        """, see: ["replid2", "offset", "psync"]),
    Topic(
      name: "replid2", others: ["second_replid"],
      text: """
        The id of the history that a node followed before it became a master itself, valid up to
        second_repl_offset. With it a promoted replica can go on serving those who followed the old master, without a
        full sync.
        """, see: ["replid", "psync"]),
    Topic(
      name: "offset", others: ["repl-offset"],
      text: """
        How many bytes of the replication stream there are: the master counts what it has written into it, a replica
        what it has applied. It is a byte count, not a count of commands, and it starts to grow only once there is a
        backlog, so once the first replica has come.
        """, see: ["ack", "backlog", "stream"]),
    Topic(
      name: "backlog", others: ["repl-backlog-size", "replication-backlog"],
      text: """
        The last bytes of the stream, kept so that a replica that was away can be sent what it missed instead of
        everything. A gap larger than that costs a full sync. repl-backlog-size (1 MiB) is how much is kept at least: the
        backlog is a list of blocks of 16 KiB or more, shared with what waits for the replicas, and only a whole block is
        dropped, once the others have enough and no replica has still to be sent any of it. So with repl-backlog-size 100 at the start up to 20540 bytes are kept:
        100, and a block of 20440. CONFIG SET makes at least 16384 of it, so then it is up to 36824.
        A replica that is only paused keeps its blocks. The
        example below makes it too small by some 42,000 bytes; with 900 writes in place of 1200 it is large enough.
        """, see: ["psync", "partial-resync", "output-buffer", "repl-backlog-ttl"],
      example: [
        "start m --port 7000", "m CONFIG SET repl-backlog-size 100",
        "start r --port 7001 --replicaof \"127.0.0.1 7000\"", "until r.link = connected", "stop r",
        "repeat 1200 m SET key:{i} {i}", "info backlog", "restart r", "tbreak decision partialResync", "continue",
        "why m",
      ]),
    Topic(
      name: "ping", others: ["repl-ping-replica-period"],
      text: """
        A replica's first word on a new connection, to see whether the master answers at all; -NOAUTH and -NOPERM count
        as an answer. Later it is the master that pings, within the stream, every repl-ping-replica-period (10 s), and
        those 14 bytes count in the offset: it grows though nobody writes.
        """, see: ["handshake", "stream"]),
    Topic(
      name: "handshake", others: ["send_handshake"],
      text: """
        What a replica says before it asks for data: PING, AUTH if masterauth is set, REPLCONF listening-port, REPLCONF
        ip-address if replica-announce-ip is set, REPLCONF capa eof capa psync2. The last ones go out without waiting
        for the answers in between.
        """, see: ["ping", "replconf", "capa", "psync"]),
    Topic(
      name: "replconf",
      text: """
        The command by which a replica tells its master about itself: its port and address, what it understands (capa),
        and how far it has come (ack). The master's own REPLCONF GETACK travels in the stream.
        """, see: ["capa", "ack", "getack"]),
    Topic(
      name: "capa", others: ["psync2", "capability"],
      text: """
        What a replica understands. eof: a payload of unknown length, ended by a mark, which the diskless transfer
        needs. psync2: a +CONTINUE that names another replid. Unknown ones are ignored.
        """, see: ["eof-mark", "continue"]),
    Topic(
      name: "psync",
      text: """
        PSYNC replid offset: "I follow this history and want it from this byte on". PSYNC ? -1 asks for everything. A
        server that was a master before asks with its own id, since its data may be a prefix of the new master's. The
        answer is +FULLRESYNC or +CONTINUE.
        """, see: ["fullresync", "continue", "replid", "backlog"]),
    Topic(
      name: "fullresync", others: ["full-sync", "full-resync", "full-resynchronization"],
      text: """
        +FULLRESYNC replid offset: the master sends all its data, as it is at that offset; the stream that follows
        begins at the byte after it. It is sent when the snapshot begins, not when PSYNC arrives: until then the master
        sends a newline every second to show that it lives.
        """, see: ["psync", "rdb", "eof-mark", "wait_bgsave"]),
    Topic(
      name: "continue",
      text: """
        +CONTINUE replid: a partial sync. The master has the bytes that the replica lacks in its backlog, and they
        follow at once. No SELECT precedes them: the replica must remember its database.
        """, see: ["psync", "backlog"]),
    Topic(
      name: "eof-mark", others: ["$eof", "eof", "mark"],
      text: """
        A diskless transfer cannot say its length beforehand. It begins with $EOF: and 40 random hexadecimal digits,
        and ends when these come again. After it the master sends nothing until the replica's first ACK, so that the
        mark stands at the very end of what was read.
        """, see: ["fullresync", "diskless", "ack"]),
    Topic(
      name: "diskless",
      others: [
        "repl-diskless-sync", "repl-diskless-load", "repl-diskless-sync-delay", "repl-diskless-sync-max-replicas",
      ],
      text: """
        repl-diskless-sync yes (the default): the master writes the snapshot straight to its replicas, after waiting
        repl-diskless-sync-delay (5 s) for more of them, or until repl-diskless-sync-max-replicas are there (0: however
        many). no: it writes a file first and then sends it with its length.
        repl-diskless-load says whether the replica loads from the socket too: disabled, on-empty-db or swapdb.
        """, see: ["eof-mark", "rdb"]),
    Topic(
      name: "rdb", others: ["snapshot", "payload"],
      text: """
        The snapshot of all data, as in dump.rdb: REDIS and a version, AUX fields about its making, and for each
        database its number, its sizes and its keys; then the byte FF and a CRC-64. In a full sync the AUX fields
        repl-id and repl-offset say which moment it shows.
        """, see: ["fullresync", "diskless"]),
    Topic(
      name: "wait_bgsave",
      text: """
        A replica's state in the master: it has asked for a full sync and the snapshot is not ready. Once the snapshot
        has begun, writes are kept for the replica and sent after it.
        """, see: ["send_bulk", "online"]),
    Topic(
      name: "send_bulk",
      text: "A replica's state in the master: the payload of a disk-based transfer is being sent, 16 KiB a write.",
      see: ["wait_bgsave", "online"]),
    Topic(
      name: "online", others: ["replica_states"],
      text: """
        A replica's state in the master: it has the snapshot and gets the stream. After a diskless transfer the stream
        starts only with its first ACK. Before it is online it waits (wait_bgsave) or is sent the snapshot (send_bulk).
        """, see: ["ack", "stream", "wait_bgsave", "send_bulk"]),
    Topic(
      name: "stream", others: ["propagation"],
      text: """
        The commands that changed data, as the master executed them, sent to every replica in the same bytes. What
        depends on chance or time is rewritten first: SET with EX becomes SET with PXAT. A SELECT stands before the
        first command of another database. Replicas pass the bytes on to their own replicas as they are.
        """, see: ["offset", "ack", "select"]),
    Topic(
      name: "select", others: ["repl-stream-db"],
      text: """
        SELECT n stands in the stream before a command that concerns another database than the one before it, and
        before the first command after every full sync.
        """, see: ["stream"]),
    Topic(
      name: "ack", others: ["acknowledged"],
      text: """
        REPLCONF ACK offset: what a replica has applied, told every second and at once when GETACK asks. It gets no
        answer. The master learns from it how far each replica is (lag, WAIT, min-replicas-to-write) and that it is
        still there (repl-timeout).
        """, see: ["getack", "offset", "wait"]),
    Topic(
      name: "getack",
      text: """
        REPLCONF GETACK *: 37 bytes in the stream by which a master asks for an ACK now. The ACK that answers does not
        count them; the next one does.
        """, see: ["ack", "wait"]),
    Topic(
      name: "wait",
      text: """
        WAIT n ms blocks a client until n replicas have acknowledged its last write, or time is up, and says how many
        did. It is no promise that the write survives a failover: who takes over may be one that has it not, and what was
        asked for and not reached is not taken back. WAIT with the number of all replicas is as near as one comes to "all".
        """, see: ["ack", "getack", "min-replicas-to-write"],
      example: Topic.pair + ["m SET k v", "m WAIT 2 500", "why m"]),
    Topic(
      name: "connect",
      text: """
        A replica's state: it has a master and no connection to it. A cron that runs once a second tries again; after
        a lost stream or a failed transfer it tries at once.
        """, see: ["handshake", "timeout"]),
    Topic(
      name: "timeout", others: ["repl-timeout"],
      text: """
        repl-timeout (60 s): a replica gives up a master that has sent nothing for so long, a master a replica that has
        not acknowledged. The newlines during a long save or load, the PINGs and the ACKs are there to prevent it.
        """, see: ["ping", "ack"]),
    Topic(
      name: "role",
      text: """
        ROLE says what a node is: a master with its offset and its replicas' last ACKs, or a replica with its master's
        address, the state of the link (connect, connecting, handshake, sync, connected) and its offset. In INFO the line
        role says master or slave.
        """, see: ["offset", "connect", "topology"]),
  ]
}
