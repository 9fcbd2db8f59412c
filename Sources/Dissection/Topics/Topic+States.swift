// The states that a replica goes through, under the names that they have in Redis's source, and how it is refused.
extension Topic {
  static let states: [Topic] = [
    Topic(
      name: "state", others: ["link"],
      text: """
        How far a replica is with its master, under the names that Redis's source has: connect, connecting,
        receive_ping_reply and so on through the handshake, send_psync, receive_psync_reply, transfer, connected. What
        the lab calls a node's link is the same in the words of ROLE: connect, connecting, handshake, sync, connected.
        The links of `info links` are TCP connections, numbered as they were opened.
        """, see: ["role", "connect", "handshake", "connected"]),
    Topic(
      name: "receive_ping_reply",
      text: """
        A replica's state: it has connected and sent PING. An answer, even -NOAUTH or -NOPERM, brings it to the rest
        of the handshake; another error makes it close and try again within a second.
        """, see: ["ping", "handshake"]),
    Topic(
      name: "receive_auth_reply",
      text: """
        A replica's state: it has sent AUTH because masterauth is set. An error here ends the attempt; it tries again
        within a second, for ever.
        """, see: ["auth", "handshake"]),
    Topic(
      name: "receive_port_reply",
      text: """
        A replica's state: it waits for the answer to REPLCONF listening-port. An error is noted in the log as non
        critical, and the handshake goes on.
        """, see: ["listening-port", "handshake"]),
    Topic(
      name: "receive_ip_reply",
      text: """
        A replica's state: it waits for the answer to REPLCONF ip-address, which it sends only if replica-announce-ip
        is set. An error is noted and ignored.
        """, see: ["ip-address", "handshake"]),
    Topic(
      name: "receive_capa_reply",
      text: """
        A replica's state: it waits for the answer to REPLCONF capa, the last before PSYNC. An error is noted and
        ignored; but a master that did not take in `eof` can only send this replica a snapshot by way of its disk.
        """, see: ["capa", "send_psync"]),
    Topic(
      name: "send_psync",
      text: "A replica's state: the handshake is answered, and PSYNC is the next thing that it sends.", see: ["psync"]),
    Topic(
      name: "receive_psync_reply",
      text: """
        A replica's state: it has sent PSYNC and waits for +FULLRESYNC, +CONTINUE or a refusal. Empty lines come while
        the master prepares a snapshot: they keep the replica from giving up.
        """, see: ["psync", "fullresync", "continue", "sync"]),
    Topic(
      name: "transfer",
      text: """
        A replica's state: the master has agreed to a full sync, and the snapshot is on its way or being loaded. ROLE
        calls it sync. What goes wrong here makes the replica connect anew at once, without waiting.
        """, see: ["fullresync", "rdb", "chunk"]),
    Topic(
      name: "connected",
      text: """
        A replica's state: it has all that the master had when they met, and follows the stream. The master calls such
        a replica online.
        """, see: ["stream", "ack", "online"]),
    Topic(
      name: "auth", others: ["masterauth", "masteruser", "password", "user", "requirepass"],
      text: """
        AUTH password, or AUTH user password: how a replica logs in to its master, with what masterauth and masteruser
        say. Without them it sends no AUTH, and a master that wants one refuses every step but lets it go on to the
        next, until PSYNC and SYNC are refused too.
        """, see: ["noauth", "noperm", "handshake"]),
    Topic(
      name: "listening-port", others: ["port", "replica-announce-port"],
      text: """
        REPLCONF listening-port N: the port on which the replica itself listens. The connection's own port was drawn by
        its kernel and says nothing; INFO and ROLE on the master show this one.
        """, see: ["ip-address", "replconf"]),
    Topic(
      name: "ip-address", others: ["replica-announce-ip", "address", "nat", "docker"],
      text: """
        REPLCONF ip-address A: the address to show for this replica instead of the one that the connection comes from,
        for networks that rewrite addresses. It is sent only if replica-announce-ip is set.
        """, see: ["listening-port", "replconf"]),
    Topic(
      name: "sync",
      text: """
        SYNC: the command from before PSYNC, sent as a bare line when PSYNC was refused. The master answers with the
        snapshot itself and tells neither id nor offset, so the replica can never go on from where it was.
        """, see: ["psync", "receive_psync_reply"]),
    Topic(
      name: "keep-alive", others: ["newline", "line-end"],
      text: """
        An empty line. A master that prepares a snapshot sends one a second in place of the answer that is due, and a
        replica that loads one sends them to its master, so that neither side takes the other for dead.
        """, see: ["timeout", "wait_bgsave"]),
    Topic(
      name: "length-header", others: ["$length", "payload-header"],
      text: """
        $N: the snapshot that follows has N bytes. A master that sends it from a file knows that; after the last byte,
        with no line end behind it, the stream begins at once.
        """, see: ["eof-mark", "chunk", "rdb"]),
    Topic(
      name: "chunk",
      text: """
        A piece of the snapshot as one packet brought it: the master writes at most 16 KiB at a time. Chunks end where
        they end: a key, or the end mark, may begin in one and go on in the next.
        """, see: ["rdb", "eof-mark", "length-header"]),
    Topic(
      name: "ledger",
      text: """
        The account of a link's offsets: where it opened (the offset of the snapshot, or the one asked for), each
        message of the stream with its first and last byte, and how far the replica's acknowledgements reach.
        """, see: ["offset", "ack", "stream"]),
    Topic(
      name: "malformed", others: ["unreadable", "unread"],
      text: """
        Bytes that break the protocol. Redis closes such a connection: a client gets an error first, a master none. All
        that follows them on the same side can't be told apart any more.
        """, see: ["resp"]),
    Topic(
      name: "hole", others: ["lost", "unknown", "missing"],
      text: """
        Bytes that were on the wire and are not in the recording: the capture dropped a packet, cut it short, or began
        when the connection was there already. Their number is known from TCP's sequence numbers, so offsets go on
        behind them; what follows is read again from the next beginning of a command or a reply.
        """, see: ["offset", "chunk"]),
  ]

  static let refusals: [Topic] = [
    Topic(
      name: "noauth",
      text: """
        -NOAUTH Authentication required: the master wants a login. A replica whose masterauth is not set gets this to
        every step, goes on to SYNC, and starts anew at once, hundreds of times a second.
        """, see: ["auth", "noperm"]),
    Topic(
      name: "noperm",
      text: """
        -NOPERM: the user that logged in may not run this command. A replica's user needs +psync and +replconf; with
        +psync alone it syncs, but its acknowledgements are refused and the link breaks once a second.
        """, see: ["auth", "noauth"]),
    Topic(
      name: "wrongpass",
      text: "-WRONGPASS: no such user, a wrong password, or the user is off. The replica tries again once a second.",
      see: ["auth"]),
    Topic(
      name: "nomasterlink",
      text: """
        -NOMASTERLINK Can't SYNC while not connected with my master: the node asked is itself a replica without its
        master. The one that asked tries again within a second.
        """, see: ["psync"]),
    Topic(
      name: "loading",
      others: ["swapdb", "async_loading", "key-load-delay", "loading-process-events-interval-bytes"],
      text: """
        -LOADING Redis is loading the dataset in memory: the node asked is not ready. A replica tries again within a
        second. A replica that loads a snapshot answers clients so, since its old data is gone. With repl-diskless-load
        swapdb it loads beside its old data, and goes on to serve that if it is of the same history; both have to fit into
        memory. While it loads, a node looks after its connections each time it has read
        loading-process-events-interval-bytes (2 MiB); key-load-delay makes it sleep so many microseconds at each key, for tests.
        """, see: ["psync", "diskless"]),
    Topic(
      name: "masterdown", others: ["replica-serve-stale-data", "stale"],
      text: """
        -MASTERDOWN: the node asked is a replica without its master, and replica-serve-stale-data no forbids it to
        answer, even to PING.
        """, see: ["ping", "nomasterlink"]),
    Topic(
      name: "maxclients",
      text: """
        So many connections a node takes (10000); to the next one it says -ERR max number of clients reached, and closes
        it. Replicas are counted, too: one that is refused so tries again every second.
        """, see: ["output-buffer", "connect"]),
  ]
}
