// The lines of INFO replication, each with what it means in Redis 7.0 (genRedisInfoString in server.c). A test asks a node
// for them, and finds each one here.
extension Topic {
  static let info: [Topic] = [
    Topic(
      name: "info", others: ["info-replication"],
      text: """
        INFO replication: what a node says of itself, as a master and as a replica, a line each. Of every node: role,
        connected_slaves, slave0 and so on for each replica, min_slaves_good_slaves (only with min-replicas-to-write),
        master_failover_state, master_replid, master_replid2, master_repl_offset, second_repl_offset,
        repl_backlog_active, repl_backlog_size, repl_backlog_first_byte_offset, repl_backlog_histlen. Of a replica also:
        master_host, master_port, master_link_status, master_last_io_seconds_ago, master_sync_in_progress,
        slave_read_repl_offset, slave_repl_offset, slave_priority, slave_read_only, replica_announced; without its
        master master_link_down_since_seconds; and during a transfer master_sync_total_bytes, master_sync_read_bytes,
        master_sync_left_bytes, master_sync_perc, master_sync_last_io_seconds_ago. Each is a topic.
        """, see: ["role", "lag", "offset"]),
    Topic(
      name: "master_host",
      text: """
        The address or name at which a replica looks for its master, as replicaof, REPLICAOF or a failover gave it. A
        name stays one, and is resolved at each new connection. A master has no such line.
        """, see: ["replicaof", "master_port"]),
    Topic(
      name: "master_port",
      text: """
        The port on which a replica looks for its master. A master has no such line.
        """, see: ["master_host"]),
    Topic(
      name: "master_link_status",
      text: """
        up only in state connected, when the replica has the snapshot and follows the stream; down in all others:
        without a connection, in the handshake, and while the snapshot comes or is loaded.
        """, see: ["connected", "master_link_down_since_seconds"]),
    Topic(
      name: "master_last_io_seconds_ago",
      text: """
        How many whole seconds ago the replica last got a byte of the stream from its master. The master pings every 10
        s, so more than 10 is a sign that something is wrong; at repl-timeout (60 s) the replica gives the connection
        up. -1: the link is not up.
        """, see: ["timeout", "ping"]),
    Topic(
      name: "master_sync_in_progress",
      text: """
        1 in state transfer: the snapshot is on its way, or is being loaded. Else 0.
        """, see: ["transfer", "master_sync_total_bytes"]),
    Topic(
      name: "slave_read_repl_offset",
      text: """
        How many bytes of the stream the replica has read from its master, be they applied or not. It is ahead of
        slave_repl_offset by what is not a whole command yet, and by a transaction before its EXEC.
        """, see: ["slave_repl_offset"]),
    Topic(
      name: "slave_repl_offset",
      text: """
        How many bytes of the stream the replica has applied: what REPLCONF ACK tells its master. Without its master it
        is what it had when the link broke, and where PSYNC will go on; 1 if it never had any.
        """, see: ["offset", "ack", "psync"]),
    Topic(
      name: "master_sync_total_bytes",
      text: """
        Only in state transfer: how many bytes the snapshot has. 0 where only its end mark will tell, as without a disk;
        -1 until its first line has come.
        """, see: ["eof-mark", "length-header"]),
    Topic(
      name: "master_sync_read_bytes",
      text: """
        Only in state transfer: how many bytes of the snapshot were written to the replica's file. What is loaded
        straight from the connection is not counted.
        """, see: ["master_sync_total_bytes", "diskless"]),
    Topic(
      name: "master_sync_left_bytes",
      text: """
        Only in state transfer: master_sync_total_bytes less master_sync_read_bytes. It is negative where the length is
        not known.
        """, see: ["master_sync_total_bytes"]),
    Topic(
      name: "master_sync_perc",
      text: """
        Only in state transfer: master_sync_read_bytes in percent of master_sync_total_bytes. 0.00 where the length is
        not known.
        """, see: ["master_sync_total_bytes"]),
    Topic(
      name: "master_sync_last_io_seconds_ago",
      text: """
        Only in state transfer: how many seconds ago the last bytes of the snapshot came. At repl-timeout the replica
        gives the transfer up and begins anew.
        """, see: ["timeout", "transfer"]),
    Topic(
      name: "master_link_down_since_seconds",
      text: """
        Only while the link is not up: for how many seconds. -1 if it never was, since the server began.
        """, see: ["master_link_status"]),
    Topic(
      name: "slave_priority",
      text: """
        What replica-priority is (100 if nothing is said). Only Sentinel reads it.
        """, see: ["replica-priority", "sentinel"]),
    Topic(
      name: "slave_read_only",
      text: """
        1 if replica-read-only is yes, as by default: clients can't write here. Else 0.
        """, see: ["readonly", "writable-replica"]),
    Topic(
      name: "replica_announced",
      text: """
        0 if replica-announced is no: Sentinel then leaves this replica out of what it
        tells clients; it may promote it even so, unless replica-priority is 0. Else 1.
        """, see: ["sentinel", "slave_priority"]),
    Topic(
      name: "connected_slaves", others: ["slaves"],
      text: """
        How many connections are replicas, those included that still wait for a snapshot or get one. A replica that is
        in its handshake is a client yet.
        """, see: ["slave0", "online"]),
    Topic(
      name: "min_slaves_good_slaves",
      text: """
        How many replicas are online and have acknowledged within min-replicas-max-lag seconds. The line is there only
        if min-replicas-to-write and min-replicas-max-lag are both more than 0.
        """, see: ["min-replicas-to-write", "lag"]),
    Topic(
      name: "slave0", others: ["slave1", "slaven"],
      text: """
        A line for each replica, numbered from 0: ip and port are those that it announced (the address from which it
        connects and REPLCONF listening-port, or replica-announce-ip and -port); state is wait_bgsave, send_bulk or
        online; offset is its last REPLCONF ACK; lag is how many seconds ago that came, 0 unless it is online. A replica
        that is well has a lag of 0 or 1, however many bytes it is behind: compare offset with master_repl_offset for
        that.
        """, see: ["lag", "ack", "online"]),
    Topic(
      name: "master_failover_state",
      text: """
        no-failover; waiting-for-sync, while FAILOVER waits for a replica to have everything; or failover-in-progress,
        when this node has become that one's replica and asks it to take over.
        """, see: ["failover"]),
    Topic(
      name: "master_replid",
      text: """
        The id of the history that the node is in: its own if it is a master, its master's if it is a replica. A replica
        without data shows one that it drew itself and that nobody else has.
        """, see: ["replid"]),
    Topic(
      name: "master_replid2",
      text: """
        The id of the history before this one, up to second_repl_offset; forty zeros if there is none. A replica has one
        once its master was promoted while it followed.
        """, see: ["replid2", "second_repl_offset"]),
    Topic(
      name: "master_repl_offset",
      text: """
        The offset of the stream's last byte that the node has: of a master what it has written, of a replica what it
        has applied and passes on to its own replicas. It grows by a ping's 14 bytes every 10 s even if nobody writes,
        and not at all before the first replica has come.
        """, see: ["offset", "ping"]),
    Topic(
      name: "second_repl_offset", others: ["second_offset"],
      text: """
        The first offset that is not of the old history any more: who asks for that byte or an earlier one under
        master_replid2 may go on. -1 if there is no second id. A replica of the old master that has more than that, be
        it only a PING that the old master sent after this node was promoted, needs a full sync.
        """, see: ["replid2", "partial-resync", "failover"]),
    Topic(
      name: "repl_backlog_active",
      text: """
        1 if the node keeps a backlog: from its first replica on, until repl-backlog-ttl after its last one. A replica
        has one, too.
        """, see: ["backlog", "repl-backlog-ttl"]),
    Topic(
      name: "repl_backlog_size",
      text: """
        What repl-backlog-size is: how many bytes of the stream are kept at least, once there are so many. CONFIG SET
        makes 16384 of anything less.
        """, see: ["backlog"]),
    Topic(
      name: "repl_backlog_first_byte_offset", others: ["backlog_start"],
      text: """
        The offset of the oldest byte that may still be asked for; 0 without a backlog.
        """, see: ["backlog", "repl_backlog_histlen"]),
    Topic(
      name: "repl_backlog_histlen", others: ["backlog_length"],
      text: """
        How many bytes the backlog has, from repl_backlog_first_byte_offset on. It may be more than repl_backlog_size:
        whole blocks are dropped, and none that a replica still has to be sent.
        """, see: ["backlog"]),
  ]
}
