// What Sentinels do, by the words of their configuration and of their logs.
extension Topic {
  static let sentinel: [Topic] = [
    Topic(
      name: "sentinel", others: ["ha"],
      text: """
        A program of its own that comes with Redis: several of them watch a master and its replicas, agree that
        the master is down, and then promote a replica by REPLICAOF NO ONE and have the others follow it. They
        learn the replicas from the master's INFO, so what a replica announces has to be right, and they tell
        clients who the master is. Down for one (sdown) is who gives no good answer to PING for
        down-after-milliseconds; for all (odown) if a quorum agrees. Then one asks for votes in a new epoch, and
        needs those of more than half of all Sentinels; it chooses the replica with the lowest priority, then
        the highest offset. `info sentinels`, `why`, `client NAME --sentinel MASTER`.
        """,
      see: [
        "sdown", "epoch", "hello", "switch-master", "failover-timeout", "tilt", "failover", "replica-priority",
        "replica_announced", "ip-address",
      ],
      example: Topic.pair + [
        #"start s1 --port 26379 --sentinel "monitor mymaster 127.0.0.1 7000 1" --sentinel "down-after-milliseconds mymaster 3000""#,
        "advance 2s", "kill m", "until r.role = master", "info sentinels",
      ]),
    Topic(
      name: "sdown",
      others: [
        "s_down", "down-after-milliseconds", "subjectively-down", "odown", "o_down", "objectively-down", "quorum",
        "is-master-down-by-addr", "ckquorum",
      ],
      text: """
        One Sentinel finds an instance down: for down-after-milliseconds (30 s if nothing is said) no PING of
        its own was answered well. +PONG is a good answer, and so are -LOADING and -MASTERDOWN: who loads is
        alive. A master that calls itself a replica for long is down, too. It is one opinion, of masters,
        replicas and other Sentinels; only of a master is it asked further. Odown: enough Sentinels find the
        master down, as many as the quorum at the end of `sentinel monitor`. Whoever finds it down asks the
        others every second, SENTINEL IS-MASTER-DOWN-BY-ADDR, and counts itself and those whose last answer, at
        most 5 s old, was yes. The quorum decides when a failover is tried, not who may do it: that needs votes
        of more than half of all Sentinels that are known, those that are dead among them. So two of three that
        can't be reached stop it, whatever the quorum. SENTINEL CKQUORUM says whether there are enough of them
        now.
        """, see: ["epoch", "sentinel"]),
    Topic(
      name: "epoch",
      others: [
        "current-epoch", "config-epoch", "new-epoch", "vote", "vote-for-leader", "leader", "elected-leader", "election",
        "try-failover", "failover-abort-not-elected",
      ],
      text: """
        A number that counts attempts. Who wants to do a failover takes the next one and asks for votes in it;
        each Sentinel gives one vote an epoch, to the first who asks, and remembers it in its file. The winner
        does the failover, and the new master is known under that epoch (config-epoch): of two claims about who
        the master is, the one with the higher number holds. Who is not elected within 10 s gives up
        (-failover-abort-not-elected); each begins after a random part of a second, so that not all ask at once.
        """, see: ["sdown", "failover-timeout", "hello"]),
    Topic(
      name: "hello",
      others: ["__sentinel__:hello", "hello-message", "hello-channel", "sentinel-hello"],
      text: """
        How Sentinels find each other: every 2 s each publishes on the channel __sentinel__:hello of each master
        and replica its address, its id, its epoch, and the master's name, address and config-epoch, with commas
        between. The others read that, make themselves known, and take a newer config-epoch for true. So two
        Sentinels that can reach no node in common do not know of each other. The command HELLO is another
        thing: it chooses the protocol.
        """, see: ["epoch", "sentinel"]),
    Topic(
      name: "switch-master",
      others: [
        "selected-slave", "promoted-slave", "failover-end", "get-master-addr-by-name", "convert-to-slave",
        "fix-slave-config", "role-change",
      ],
      text: """
        The line that clients wait for: +switch-master NAME OLD-IP OLD-PORT NEW-IP NEW-PORT, in a Sentinel's log
        and to whoever has SUBSCRIBEd to it there. From then on SENTINEL GET-MASTER-ADDR-BY-NAME answers with
        the new one; who leads says so from the promotion on. The old master stays in the list of replicas, and
        is made one when it comes back. `client NAME --sentinel MASTER` is a client that follows. Sentinels put
        right what contradicts them: who comes back as a master where there is another one is told to follow
        that one (+convert-to-slave), and so is a replica that follows somebody else (+fix-slave-config). They
        wait some seconds before, since the newest configuration may only be on its way. What the old master
        wrote meanwhile is lost: its data are replaced.
        """, see: ["failover-timeout", "readonly", "sentinel"]),
    Topic(
      name: "failover-timeout",
      others: [
        "failover-end-for-timeout", "failover-abort-slave-timeout", "failover-abort-no-good-slave", "parallel-syncs",
        "slave-reconf-sent", "slave-reconf-inprog", "slave-reconf-done", "reconf_slaves",
      ],
      text: """
        Three minutes if nothing is said, and used for four things: after twice that time a Sentinel tries a
        failover of the same master again; within it the chosen replica has to say that it is a master
        (-failover-abort-slave-timeout), and the others have to follow, or they are told all at once and the
        failover is over (+failover-end-for-timeout); and no replica that follows a wrong master is put right
        before. Parallel-syncs: how many replicas are told at a time to follow the new master (1 if nothing is
        said): +slave-reconf-sent, then -inprog once it says that it follows, and -done once its link is up. A
        replica that needs a full sync serves old data until then, and none while it loads, so one at a time
        keeps the others in service.
        """, see: ["epoch", "switch-master", "loading"]),
    Topic(
      name: "tilt",
      text: """
        A Sentinel whose timer comes more than 2 s late, or before its time, does not trust its clock: it was
        stopped, or the clock was set. For 30 s (+tilt … -tilt) it goes on watching, does nothing about it, and
        finds nobody down when others ask. Try `pause s1`, or `skew s1 1h`.
        """, see: ["sdown", "sentinel"]),
  ]
}
