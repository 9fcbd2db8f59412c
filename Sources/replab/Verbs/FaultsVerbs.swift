import Dissection
import Lab
import Redis
import Views

/// Chance and faults: `choose`, `cut`, `partition`, `heal`, `lag`, `split`, `chunk`, `disk`, `fix`.
extension Verb {
  static let faultsVerbs: [Verb] = [
    Verb(
      name: "choose", family: .faults, arguments: "N", summary: "deliver the N-th pending event first",
      details: """
        `info pending` numbers them. Never out of order within a link: it is TCP.
        """,
      example: "choose 2", offers: [.nothing],
      run: { session, arguments in
        let (link, side, place) = try session.pendingArrival(arguments)
        try arguments.atMost(1)
        guard place == 0 else {
          let first = session.timeline.world.pendingNumber(of: link, towards: side)
          throw Complaint.usage(
            "\(try arguments.number(0, or: 1)) is behind \(first), on the same link",
            advice: "Within a link the order stays: `choose \(first)`.")
        }
        try session.apply(.deliver(link, towards: side))
      }),
    Verb(
      name: "cut", family: .faults, arguments: "LINK", summary: "reset a connection: both ends see RST",
      details:
        """
        LINK is a number of `info links`, or the names of the two nodes at its ends.
        What is in flight is lost.
        """,
      example: "cut r m", offers: [.nodes],
      run: { session, arguments in
        let (link, used) = try session.link(arguments)
        try arguments.atMost(used)
        try session.apply(.cut(link), told: "link \(link.number) is reset, and what was in flight on it is lost")
      }),
    Verb(
      name: "partition", family: .faults, arguments: "NODES NODES [--one-way]",
      summary: "let nothing through between nodes",
      details: """
        NODES is one, or several with commas between them: all of the first are cut off
        from all of the second. With --one-way what the second say still arrives.
        """,
      example: "partition m,s1 r,s2,s3", offers: [.nodes, .nodes, .words(["--one-way"]), .nothing],
      run: { session, arguments in
        let oneWay = try arguments.count > 2 && arguments.choice(2, "--one-way", of: ["--one-way"]) == "--one-way"
        try arguments.atMost(3)
        try session.pairs(arguments) {
          oneWay ? .cutPath(from: $0, to: $1) : .partition($0, $1)
        } told: {
          oneWay ? "nothing gets through from \($0) to \($1)" : "nothing gets through between \($0) and \($1)"
        }
      }),
    Verb(
      name: "heal", family: .faults, arguments: "[NODES NODES]", summary: "make the network between nodes whole again",
      details: """
        It ends a partition, a lag, a jitter, a bandwidth and a loss. Without nodes it
        does so between all.
        """,
      example: "heal m r", offers: [.nodes, .nodes, .nothing],
      run: { session, arguments in
        try arguments.atMost(2)
        guard arguments.count == 0 else {
          return try session.pairs(arguments) {
            .heal($0, $1)
          } told: {
            Session.whole([$0, $1])
          }
        }
        try session.healAll()
      }),
    Verb(
      name: "jitter", family: .faults, arguments: "NODES NODES DURATION",
      summary: "let packets take longer, by chance", example: "jitter m r 20ms",
      offers: [.nodes, .nodes, .words(["5ms", "20ms", "0s"]), .nothing],
      run: { session, arguments in
        let jitter = try arguments.interval(2)
        try arguments.atMost(3)
        try session.pairs(arguments) {
          .jitter($0, $1, jitter)
        } told: {
          "a packet between \($0) and \($1) takes up to \(jitter.text) longer"
        }
      }),
    Verb(
      name: "bandwidth", family: .faults, arguments: "NODES NODES BYTES|off",
      summary: "let so many bytes a second through, each way",
      details: """
        With k for KiB: `bandwidth m r 64k`. What does not get through waits in the
        sender's kernel, and then in its output buffers.
        """,
      example: "bandwidth m r 64k", offers: [.nodes, .nodes, .words(["off", "64k", "1024k"]), .nothing],
      run: { session, arguments in
        let bytes = try arguments.bandwidth(2)
        try arguments.atMost(3)
        let bound = bytes.map { "\(Excerpt.grouped($0)) bytes" } ?? "any number of bytes"
        try session.pairs(arguments) {
          .bandwidth($0, $1, bytes)
        } told: {
          "\(bound) a second get through between \($0) and \($1), each way"
        }
      }),
    Verb(
      name: "drop", family: .faults, arguments: "NODES NODES PERCENT",
      summary: "lose so many packets, which TCP sends again",
      details: """
        What is lost comes 200 ms later, as Linux sends it again, and 400 ms after that
        if it is lost once more; what was sent behind it waits for it. 0% ends it.
        """,
      example: "drop m r 10%", offers: [.nodes, .nodes, .words(["10%", "0%"]), .nothing],
      run: { session, arguments in
        let share = try arguments.perMille(2)
        try arguments.atMost(3)
        let percent = share % 10 == 0 ? "\(share / 10)" : "\(share / 10).\(share % 10)"
        try session.pairs(arguments) {
          .drop($0, $1, perMille: share)
        } told: {
          "\(percent)% of the packets between \($0) and \($1) are lost"
        }
      }),
    Verb(
      name: "damage", family: .faults, arguments: "NODE FILE OFFSET",
      summary: "change a byte of a file, or of a packet in flight",
      details: """
        All bits of the byte are turned over. `damage 2 10` does it to a packet, the
        second of `info pending`; its own checksum is right again, as if something
        between the two nodes had written into it.
        """,
      example: "damage m dump.rdb 9", offers: [.nodes, .nothing, .nothing],
      run: { session, arguments in
        if let word = arguments[0], Int(word) != nil {
          let (link, side, place) = try session.pendingArrival(arguments)
          let offset = try arguments.number(1, or: 0, atLeast: 0)
          try arguments.atMost(2)
          let before = session.timeline.world.dataCount(before: place, of: link, towards: side)
          return try session.apply(
            .damagePacket(link, towards: side, behind: before, offset: offset),
            told: "byte \(Excerpt.grouped(offset)) of the packet is another one")
        }
        let node = try arguments.node(0, in: session)
        let file = try arguments.required(1, "a file of the node's; `info disk` lists them")
        _ = try arguments.required(2, "which byte, from 0")
        let offset = try arguments.number(2, or: 0, atLeast: 0)
        try arguments.atMost(3)
        try session.apply(
          .damageFile(node: node, file: file.text, offset: offset),
          told: "byte \(Excerpt.grouped(offset)) of \(node)'s \(file.text) is another one")
      }),
    Verb(
      name: "lag", family: .faults, arguments: "LINK DURATION", summary: "set how long a packet travels, one way",
      details: """
        LINK is a number of `info links`, or the names of the nodes at both ends: then
        it holds for all links between them, also for those that there are not yet, and
        `heal` ends it. Without it a packet takes 50us. A number without a unit is one
        of seconds.
        """,
      example: "lag r m 200ms", offers: [.nodes, .nodes, .words(["1ms", "200ms", "2s"])],
      run: { session, arguments in
        let first = try arguments.required(0, "a link: its number, or the nodes at its ends")
        guard Int(first.text) != nil else {
          let lag = try arguments.interval(2)
          try arguments.atMost(3)
          return try session.pairs(arguments) {
            .lagBetween($0, $1, lag)
          } told: {
            "a packet between \($0) and \($1) takes \(lag.text), one way"
          }
        }
        let (link, used) = try session.link(arguments)
        let lag = try arguments.interval(used)
        try arguments.atMost(used + 1)
        try session.apply(.lag(link, lag), told: "a packet on link \(link.number) takes \(lag.text), one way")
      }),
    Verb(
      name: "split", family: .faults, arguments: "N SIZE…", summary: "cut a pending segment into pieces",
      details: """
        N is a number of `info pending`; of a packet without data, the next one on its
        link that has some is cut. The sizes are in bytes, and what remains is the last
        piece. TCP may cut a stream anywhere: nothing may depend on where.
        """,
      example: "split 1 10 20", offers: [.nothing],
      run: { session, arguments in
        let (link, side, place) = try session.pendingArrival(arguments)
        _ = try arguments.required(1, "at least one size")
        var sizes: [Int] = []
        for index in 1..<arguments.count { sizes.append(try arguments.number(index, or: 1)) }
        let before = session.timeline.world.dataCount(before: place, of: link, towards: side)
        try session.apply(
          .split(link, towards: side, behind: before, sizes: sizes), told: "the segment is cut; `info pending` shows it"
        )
      }),
    Verb(
      name: "chunk", family: .faults, arguments: "SIZE [NODE]",
      summary: "set the size of a sync payload's pieces",
      details: """
        SIZE is the largest write of the payload in bytes, with k for KiB (16k in
        Redis), or `record`: one RDB record a write. Without NODE it holds for all
        nodes that there are.
        """,
      example: "chunk record", offers: [.words(["record", "16k", "1k"]), .nodes, .nothing], run: { try $0.chunk($1) }),
    Verb(
      name: "skew", family: .faults, arguments: "NODE DURATION|off",
      summary: "set a machine's clock ahead of the others, or behind",
      details: """
        +10s, or -10s. What counts in seconds since 1970 goes by it: when a key
        expires, how long somebody was silent, ctime in a snapshot, TIME. Timers and
        sleeps do not. A Sentinel sees it jump (+tilt). `skew r off` sets it right.
        """,
      example: "skew r +10s", offers: [.nodes, .words(["+10s", "-10s", "off"]), .nothing],
      run: { session, arguments in
        let node = try arguments.node(0, in: session)
        let skew = try arguments.skew(1)
        try arguments.atMost(2)
        try session.apply(.skew(node: node, skew), told: Session.skewed(node, skew))
      }),
    Verb(
      name: "nat", family: .faults, arguments: "NODE ADDRESS|off",
      summary: "give a machine another address for all others",
      details: """
        ADDRESS is a HOST, or HOST:PORT. Its connections come from HOST, so a master
        lists its replica with an address where nobody gets in, and Sentinels believe
        that. With PORT, that port of HOST leads to the node; replica-announce-ip and
        replica-announce-port have to say so. Connections that there are stay.
        """,
      example: "nat r 10.0.0.5:17001", offers: [.nodes, .words(["10.0.0.5", "off"]), .nothing],
      run: { session, arguments in
        let node = try arguments.node(0, in: session)
        let outside = try arguments.outsideAddress(1)
        try arguments.atMost(2)
        try session.apply(
          .nat(node: node, outside),
          told: outside.map { "the others see \(node) as \($0.text)" } ?? "the others see \(node) where it is")
      }),
    Verb(
      name: "disk", family: .faults, arguments: "NODE full|slow|BYTES|ok",
      summary: "let a node's disk fail, or work again",
      details: """
        full: nothing more can be written, every write(2) fails with ENOSPC.
        slow: every fsync in the background takes three seconds.
        BYTES, or KiB with k, get through in a second, as in `disk m 64k`: a child
        takes as long for its snapshot, fsync and SAVE for what they write, a replica
        before it loads what it received, and a node for what it reads as it starts.
        """,
      example: "disk m full", offers: [.nodes, .words(["full", "slow", "64k", "ok"]), .nothing],
      run: { session, arguments in
        let node = try arguments.node(0, in: session)
        let state = try arguments.diskState(1)
        try arguments.atMost(2)
        try session.apply(.disk(node: node, state), told: Session.written(state, onDiskOf: node))
      }),
    Verb(
      name: "fix", family: .faults, arguments: "NODE WHAT VALUE", summary: "settle what Redis leaves to chance",
      details: """
        WHAT is one of
          replid          the next replication id that the node draws
          eof-mark        the next mark that ends a diskless payload
          run-id          the next run id, drawn when the node starts
          used-memory     bytes: used-mem in a snapshot, used_memory in INFO
          redis-version   redis-ver in a snapshot, redis_version in INFO
          rdb-version     9 … 12: of its snapshots, and the newest that it reads
          fork            `fail`: there is no memory for a child; `ok`: there is
        The first three are 40 hexadecimal digits, and are used once each, in the order
        given; then the seed decides again. The node may still have to be started.
        """,
      example: "fix m used-memory 1033936", offers: [.nodes, .words(Session.fixes), .nothing], run: { try $0.fix($1) }),
  ]
}

extension Session {
  fileprivate static let fixes = [
    "replid", "eof-mark", "run-id", "used-memory", "redis-version", "rdb-version", "fork",
  ]

  fileprivate mutating func fix(_ arguments: Arguments) throws {
    let node = try arguments.required(0, "a node").text
    let what = try arguments.choice(1, "what to settle", of: Self.fixes)
    let value = try arguments.required(2, "a value")
    try arguments.atMost(3)
    let fix: Fix
    switch what {
    case "replid": fix = .replid(value.text)
    case "eof-mark": fix = .eofMark(value.text)
    case "run-id": fix = .runID(value.text)
    case "used-memory": fix = .usedMemory(try arguments.number(2, or: 0, atLeast: 0))
    case "rdb-version": fix = .rdbVersion(try arguments.number(2, or: 0, atLeast: 0))
    case "fork": fix = .fork(fails: try arguments.choice(2, "fail or ok", of: ["fail", "ok"]) == "fail")
    default: fix = .redisVersion(value.text)
    }
    let isDrawn = ["replid", "eof-mark", "run-id"].contains(what)
    try apply(
      .fix(node: node, fix), told: isDrawn ? "\(node)'s next \(what) is settled" : "\(node)'s \(what): \(value.text)")
  }

  fileprivate static func skewed(_ node: String, _ skew: Interval) -> String {
    if skew == .zero { return "\(node)'s clock is that of the others" }
    return skew > .zero
      ? "\(node)'s clock is \(skew.text) ahead of the others"
      : "\(node)'s clock is \((.zero - skew).text) behind the others"
  }

  fileprivate static func written(_ state: DiskState, onDiskOf node: String) -> String {
    switch state {
    case .ok: "\(node)'s disk takes what is written"
    case .full: "\(node)'s disk is full"
    case .slow: "an fsync in the background of \(node)'s takes three seconds"
    case .limited(let bytes): "\(Excerpt.grouped(bytes)) bytes a second get onto \(node)'s disk, and from it"
    }
  }

  fileprivate mutating func chunk(_ arguments: Arguments) throws {
    let word = try arguments.required(0, "a size")
    try arguments.atMost(2)
    let nodes = arguments.count == 2 ? [try arguments.node(1, in: self)] : nodeNames
    let size: ChunkSize
    if word.text == "record" {
      size = .record
    } else {
      let unit = word.text.lowercased().hasSuffix("k") ? 1024 : 1
      guard let number = Int(unit == 1 ? word.text : String(word.text.dropLast())), (1...1_048_576).contains(number)
      else {
        throw Complaint.usage(
          "‘\(word.text)’ is not a size", advice: "Write bytes (512), KiB (16k), or `record`.", column: word.column)
      }
      size = .bytes(number * unit)
    }
    guard !nodes.isEmpty else {
      throw Complaint.usage("there is no node yet", advice: "Start one first, as in: start m --port 7000")
    }
    let amount =
      switch size {
      case .record: "one RDB record"
      case .bytes(let count): "\(Excerpt.grouped(count)) bytes"
      }
    let told = "\(nodes.joined(separator: ", ")): \(amount) of a payload a write"
    for node in nodes { try apply(.chunk(node: node, size), told: node == nodes.last ? told : nil) }
  }

  /// Does it to each of the nodes that the first argument names with each that the second does.
  ///
  /// - Parameter told: what a person is told is so now; of several pairs, it is enough to say that it was done.
  fileprivate mutating func pairs(
    _ arguments: Arguments, _ action: (String, String) -> Action, told: (String, String) -> String
  ) throws {
    let first = try arguments.nodes(0, in: self)
    let second = try arguments.nodes(1, in: self)
    let pairs = first.flatMap { a in second.map { (a, $0) } }
    guard pairs.count > 1 else { return try pairs.forEach { try apply(action($0.0, $0.1), told: told($0.0, $0.1)) } }
    for (a, b) in pairs { _ = try timeline.perform(action(a, b)) }
    let list = { (names: [String]) in names.joined(separator: ", ") }
    answer(
      ["\(list(first)) | \(list(second))"],
      json: .object([("first", .string(list(first))), ("second", .string(list(second)))]))
  }

  /// Ends all that is wrong with the network.
  fileprivate mutating func healAll() throws {
    let world = timeline.world
    let pairs = Set(world.partitions.map { [$0.a, $0.b] } + world.paths.keys.map { [$0.from, $0.to].sorted() })
    guard !pairs.isEmpty else {
      throw Complaint.usage("nothing is wrong with the network", advice: "`partition m r` lets nothing through.")
    }
    for pair in pairs.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      try apply(.heal(pair[0], pair[1]), told: Self.whole(pair))
    }
  }

  /// What a healed pair is told to be.
  fileprivate static func whole(_ pair: [String]) -> String { "the network between \(pair[0]) and \(pair[1]) is whole" }

  /// The pending arrival whose number stands first, and how many come before it on its way.
  fileprivate func pendingArrival(_ arguments: Arguments) throws -> (Link.ID, Side, place: Int) {
    let pending = timeline.world.pending
    _ = try arguments.required(0, "the number of a pending event")
    let number = try arguments.number(0, or: 1)
    guard number <= pending.count else {
      throw Complaint.usage(
        "there is no pending event \(number)", advice: "There are \(pending.count); `info pending` lists them.")
    }
    guard case .arrival(let link, let side, _) = pending[number - 1].event else {
      throw Complaint.usage(
        "pending event \(number) is no segment in flight",
        advice: "Only arrivals can be chosen or split; `info pending` lists them.")
    }
    return (link, side, pending[number - 1].place)
  }

  /// The link that the first argument numbers, or that joins the nodes which the first two name; and how many words
  /// said so.
  fileprivate func link(_ arguments: Arguments) throws -> (Link.ID, used: Int) {
    let word = try arguments.required(0, "a link: its number, or the two nodes at its ends")
    let links = timeline.world.links
    if let number = Int(word.text) {
      guard let link = links.first(where: { $0.id.number == number }) else {
        throw Complaint.usage("there is no link \(number)", advice: "`info links` lists them.", column: word.column)
      }
      return (link.id, 1)
    }
    let first = try arguments.node(0, in: self)
    let second = try arguments.node(1, in: self)
    let between = links.filter { Set([$0.opener.party.name, $0.acceptor.party.name]) == [first, second] }
    guard let link = between.last else {
      throw Complaint.usage("there is no link between \(first) and \(second)", advice: "`info links` lists them.")
    }
    return (link.id, 2)
  }
}
