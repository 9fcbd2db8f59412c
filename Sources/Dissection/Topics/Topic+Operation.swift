// What people run into who operate masters and replicas.
extension Topic {
  static let operation: [Topic] = [
    Topic(
      name: "topology", others: ["tree", "cluster"],
      text: """
        Who replicates whom: a master, its replicas, their replicas. Each node follows one master or none, and knows its
        own replicas, not those below them. The stream passes from the top to the bottom in the same bytes. The nodes do
        not choose a new master by themselves: people, scripts, Sentinel or FAILOVER do.
        """, see: ["replicaof", "sub-replica", "failover", "role"]),
    Topic(
      name: "replicaof", others: ["slaveof", "host-name", "hostname", "promotion", "promote"],
      text: """
        REPLICAOF host port, or the directive replicaof: follow that node from now on. What the node has is kept until
        the new master's snapshot is there, and then replaced. REPLICAOF NO ONE: be a master, with the data as it is.
        SLAVEOF is the same. A host name is resolved at each new connection; one that can't be is tried again every
        second.
        """, see: ["topology", "second_repl_offset", "config-rewrite"]),
    Topic(
      name: "replica", others: ["slave", "master"],
      text: """
        A node that follows another one, its master: it has the master's data, and does what the stream tells. Redis
        called it a slave before version 5; INFO, ROLE and many names still do. What it is told to be it stays, whatever
        becomes of its master.
        """, see: ["role", "replicaof", "readonly", "handshake"]),
    Topic(
      name: "sub-replica", others: ["chained-replica", "chain"],
      text: """
        A replica of a replica. It gets the very bytes that the top master wrote, and loses its link whenever the node
        above it loads another history. A replica can serve one only while its own link is up: -NOMASTERLINK.
        """, see: ["nomasterlink", "stream"]),
    Topic(
      name: "loop", others: ["cycle", "circular"],
      text: """
        A node that follows itself, or two that follow each other. Redis does not forbid it. Each asks a node that is
        itself a replica without its master, is told -NOMASTERLINK, and tries again every second. REPLICAOF NO ONE on
        one of them ends that.
        """, see: ["nomasterlink", "replicaof"]),
    Topic(
      name: "failover", others: ["psync-failover"],
      text: """
        A replica becomes the master. Planned: FAILOVER on the master holds writes back, waits until a replica has
        everything, becomes its replica and asks it by PSYNC … FAILOVER to take over; nothing is lost. By hand:
        REPLICAOF NO ONE on the replica; whatever the old master still takes from its clients is gone once it is told to
        follow the new one. A new master needs all that the old one had: requirepass and masterauth on both, the same
        users, the same rename-command. Clients have to be told where to write.
        """, see: ["sentinel", "second_repl_offset", "readonly", "auth", "wait"],
      example: Topic.pair + ["m SET k v", "m FAILOVER", "until r.role = master", "why r", "why m"]),
    Topic(
      name: "split-brain", others: ["two-masters", "partition"],
      text: """
        Two masters of what should be the same data: a network breaks in two, one side makes a new master, and the old one,
        which lives, goes on to take writes of the clients on its side. Once the network is whole again it is told to
        follow the new one, and those writes are gone. min-replicas-to-write bounds the loss: the old master stops a few
        seconds after its replicas are out of reach. The lab's `partition` breaks the network; lesson 19 plays it all.
        """, see: ["min-replicas-to-write", "failover", "sentinel"]),
    Topic(
      name: "lag", others: ["delay", "behind"],
      text: """
        Two things go by this name. In INFO's line of a replica it is how many seconds ago the last REPLCONF ACK came: 0
        or 1 where all is well, whatever the number of bytes. How far behind a replica is, is counted in bytes: the
        master's master_repl_offset less the replica's slave_repl_offset; `info nodes` shows that, and `print m.offset -
        r.offset`. The lab's verb `lag` makes packets slow.
        """, see: ["slave0", "offset", "min-replicas-to-write", "ack"],
      example: Topic.pair + ["m SET k v", "info nodes", "print m.offset - r.offset"]),
    Topic(
      name: "partial-resync", others: ["partial", "resync", "partial-sync"],
      text: """
        A replica goes on where it left off: PSYNC names its history and the first byte that it lacks, and +CONTINUE is
        the answer if two things hold. It is the same history: master_replid, or master_replid2 up to
        second_repl_offset. And the byte is still in the backlog, or is the next one to be written. Else all data is
        sent anew. `why` on the master tells which of the two failed.
        """, see: ["psync", "continue", "backlog", "restart", "second_repl_offset"]),
    Topic(
      name: "restart", others: ["cached-master", "cached_master"],
      text: """
        A replica that was stopped cleanly and starts from its RDB knows the history and the offset that stand in it
        (repl-id, repl-offset), and asks for the rest. One that was killed has an older snapshot, and so a larger gap;
        one that starts from an append-only file knows neither, and needs a full sync: no cached master. A master that starts from an
        RDB takes the history in it for its second one, and lets those go on who have no more of it than the RDB: a single
        PING that came after that was written costs a full sync.
        """, see: ["partial-resync", "repl-id", "persistence"]),
    Topic(
      name: "repl-backlog-ttl",
      text: """
        After so many seconds without a replica (3600; 0: never) a master gives its backlog up, and draws a new replid
        with it, since nobody could check any more what it wrote under the old one. The next replica needs a full sync.
        A replica never does that: it may be promoted, and its own replicas want to go on.
        """, see: ["backlog", "replid"]),
    Topic(
      name: "output-buffer", others: ["client-output-buffer-limit", "endless-sync", "omem"],
      text: """
        What a node keeps for a client that reads too slowly. For a replica it is the part of the stream from its next
        byte on, in blocks that it shares with the backlog. client-output-buffer-limit replica 256mb 64mb 60 bounds it:
        more than the first, or more than the second for so many seconds, and the link is cut. If that happens while a
        snapshot is sent, the next one fails in the same way: an endless full sync. Then the limit is too small for what
        is written during a transfer. The backlog is for replicas that are away, the output buffer for those that are
        there.
        """, see: ["backlog", "fullresync", "wait_bgsave"]),
    Topic(
      name: "readonly", others: ["replica-read-only", "read-only"],
      text: """
        -READONLY You can't write against a read only replica: replica-read-only is yes (the default), and a client
        wants to write. After a failover it is the sign of a client that still talks to the old master: it has to ask
        anew who the master is.
        """, see: ["failover", "writable-replica"],
      example: Topic.pair + ["r SET k v", "why r"]),
    Topic(
      name: "writable-replica",
      text: """
        With replica-read-only no a replica takes writes of clients, which stay its alone: its own replicas do not get
        them, and the next full sync wipes them out. What the master then does to the same keys may fail here. It is for
        scratch data at best.
        """, see: ["readonly", "diverged", "expire"]),
    Topic(
      name: "diverged", others: ["critical", "divergence", "unexpected_error_replies", "wrongtype"],
      text: """
        A replica executes what its master did; where its data differs, a command may fail there that did not fail here
        (INCR of what is a word on the replica, or -WRONGTYPE: the key holds a value of another type than the command
        is for). A client that gets such an error from a master has changed nothing. On a replica Redis logs == CRITICAL == This replica is sending an error to its
        master, counts it in unexpected_error_replies, and goes on with the stream: nothing repairs it but a full sync.
        Causes are writable replicas, commands of different versions, and rename-command that is not the same on both.
        """, see: ["writable-replica", "rename-command"]),
    Topic(
      name: "rename-command",
      text: """
        Gives a command another name. The stream has the names that the master uses, so it must be the same on all
        nodes, and so must be the names that replicas and Sentinel use: PSYNC, REPLCONF, PING, REPLICAOF, CONFIG.
        """, see: ["diverged"]),
    Topic(
      name: "expire", others: ["expiry", "ttl", "expired", "pxat", "dbsize"],
      text: """
        A key's time is an absolute one: the stream has SET … PXAT and PEXPIREAT. When it is over, the master deletes
        the key, on a touch or by its timer, and sends DEL; a replica deletes nothing by itself. A client that asks the
        replica before that DEL has come gets nil all the same, but DBSIZE counts the key: so the numbers of keys differ
        for a while. When a snapshot is loaded, a master leaves expired keys out and a replica keeps them. Clocks that
        differ make replicas answer too early or too late.
        """, see: ["expire-time", "stream"],
      example: Topic.pair + ["m SET k v PX 20", "advance 50ms", "r GET k", "why r", "r DBSIZE"]),
    Topic(
      name: "eviction", others: ["maxmemory", "maxmemory-policy", "replica-ignore-maxmemory", "evict", "oom"],
      text: """
        A master whose memory is over maxmemory deletes keys by maxmemory-policy before it runs the next command, and sends
        a DEL for each; where nothing may go, it refuses with -OOM what might need more. A replica ignores maxmemory
        (replica-ignore-maxmemory yes): it deletes only what its master says, and so may use more than its own limit,
        since its buffers are others. After a promotion its limit holds at once. Which key goes is a guess: the idlest
        (LRU) or least used (LFU) of a few that were sampled.
        """, see: ["expire", "failover"],
      example: Topic.pair + [
        "m CONFIG SET maxmemory-policy allkeys-lru", "m SET a 1", "m SET b 2", "m CONFIG SET maxmemory 500kb", "why m",
        "m SET c 3",
      ]),
    Topic(
      name: "min-replicas-to-write", others: ["noreplicas", "min-replicas-max-lag", "min-slaves-to-write"],
      text: """
        With min-replicas-to-write N a master takes writes only while N replicas are online and have acknowledged within
        min-replicas-max-lag seconds (10); else it says -NOREPLICAS. So a master that was cut off from its replicas
        stops to take writes that a failover would lose, after those seconds. It counts replicas that answer, not bytes:
        a write that was taken may still reach nobody.
        """, see: ["min_slaves_good_slaves", "wait", "failover"],
      example: Topic.pair + ["m CONFIG SET min-replicas-to-write 2", "m SET k v", "why m"]),
    Topic(
      name: "replica-priority", others: ["slave-priority"],
      text: """
        A number by which Sentinel chooses whom to promote: the lowest first (100 if nothing is said), of equal ones the
        one with the highest offset; 0 is never promoted. FAILOVER does not look at it.
        """, see: ["slave_priority", "sentinel"]),
    Topic(
      name: "persistence", others: ["empty-master", "save", "appendonly", "aof", "appendfsync"],
      text: """
        What is on the disk decides what a node has after a restart. A master without save points and append-only file
        comes back empty; its replicas follow it, get an empty snapshot and are empty, too. So either the master
        persists, or nothing restarts it by itself before a replica was promoted. appendfsync says when what was written
        to an append-only file is on the disk's surface, which a machine that loses its power needs: always before the
        reply, once a second (everysec, the default), or no: when the kernel likes.
        """, see: ["restart", "failover", "bgsave"]),
    Topic(
      name: "monitor",
      text: """
        MONITOR shows a client each command that the node runs, with its time, its database and who gave it: on a replica
        also those of the stream. Commands for administrators are left out. It is no part of the stream.
        """, see: ["stream"]),
    Topic(
      name: "upgrade", others: ["downgrade", "rdb-version"],
      text: """
        A snapshot's format has a version (7.0 writes 10), and an older server does not read a newer one: Can't handle
        RDB format version. A replica finds out after it has thrown its old data away, and tries again for ever. So
        replicas are upgraded before their master.
        """, see: ["header", "rdb"]),
    Topic(
      name: "damaged", others: ["corrupt", "wrong-rdb-checksum"],
      text: """
        A snapshot that was damaged on its way: the checksum at its end is wrong, or a length or a type makes no sense.
        The replica ends itself rather than serve it; if something starts it again it syncs again, in a loop as long as
        what damages it is there. Bytes that are only missing count as a broken link, and are asked for anew.
        """, see: ["checksum", "transfer"]),
    Topic(
      name: "disk-full", others: ["no-space", "misconf", "enospc"],
      text: """
        A master without room can't make a snapshot in a file: BGSAVE fails, the waiting replicas are disconnected, and
        with save points clients' writes are refused (-MISCONF). A replica without room can't keep the file that it
        gets: the link breaks, its old data stays, and it tries again at once, for ever. repl-diskless-sync and
        repl-diskless-load do without the file.
        """, see: ["diskless", "persistence"]),
    Topic(
      name: "acl", others: ["acl-users", "users"],
      text: """
        Users and what they may do (ACL SETUSER, user lines, an aclfile). They belong to a node and are not part of the
        stream: each node has to be told. A replica logs in as masteruser with masterauth, and that user needs +psync
        +replconf +ping and no keys.
        """, see: ["auth", "noperm", "failover"]),
    Topic(
      name: "protected-mode", others: ["rogue-master", "exposed", "security"],
      text: """
        Who reaches a server that asks for no password can tell it REPLICAOF, and then it loads all the data that the
        stranger's master sends it, its own being gone. protected-mode yes (the default) lets only this machine in
        while the default user has no password; a password and a firewall are better.
        """, see: ["replicaof", "auth"]),
    Topic(
      name: "shutdown", others: ["shutdown-timeout"],
      text: """
        SHUTDOWN and SIGTERM: a master with replicas that lag holds writes back and waits up to shutdown-timeout (10 s)
        until they have everything, then saves and exits. SHUTDOWN NOW does not wait, ABORT takes it back. A log line
        names those that were left behind.
        """, see: ["restart", "ack"]),
    Topic(
      name: "config-rewrite", others: ["roles"],
      text: """
        REPLICAOF, CONFIG SET and a failover change a node, not its file: after a restart it is what the file says.
        CONFIG REWRITE writes what it is now into the file, replicaof among it. Sentinel does that on the nodes that it
        changes.
        """, see: ["replicaof", "failover"]),
  ]
}
