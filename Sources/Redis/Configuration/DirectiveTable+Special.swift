import RESP

/// The directives whose values have a form of their own.
extension DirectiveTable {
  /// All of them (`setConfigDirOption`, `getConfigDirOption`, `rewriteConfigDirOption`, `setConfigBindOption`,
  /// `getConfigBindOption`, `setConfigOOMScoreAdjValuesOption`, `getConfigOOMScoreAdjValuesOption` in config.c).
  static let special: [Directive] = [
    Directive(
      "replicaof", alias: "slaveof", flags: [.immutable, .multipleArguments], form: .values(writeReplicaOf),
      get: showReplicaOf, set: setReplicaOf),
    Directive("save", flags: [.multipleArguments], form: .values(writeSave), get: showSave, set: setSave),
    Directive(
      "client-output-buffer-limit", flags: [.multipleArguments], form: .values(writeOutputBufferLimits),
      get: showOutputBufferLimits, set: setOutputBufferLimits
    ),
    Directive(
      "dir", flags: [.protected, .denyLoading], hasEffect: false,
      form: .values { [(InlineCommand.quoted($0.dir), true)] }, get: { $0.dir }
    ) { to, arguments, _ in
      if arguments[0].isEmpty { return "No such file or directory" }
      to.dir = Configuration.absolutePath(arguments[0], in: to.dir)
      return nil
    },
    Directive(
      "bind", flags: [.multipleArguments], hasEffect: false, form: .values(writeBind),
      get: { $0.others["bind"] ?? anyAddress }
    ) { to, arguments, _ in
      if arguments.count > 16 { return "Too many bind addresses specified." }
      to.others["bind"] = arguments.joined(separator: " ")
      return nil
    },
    Directive(
      "oom-score-adj-values", flags: [.multipleArguments], hasEffect: false,
      get: { $0.others["oom-score-adj-values"] ?? "0 200 800" }
    ) { to, arguments, _ in
      guard arguments.count == 3 else { return "wrong number of arguments" }
      let values = arguments.compactMap { Integer.whole($0) }
      guard values.count == 3, values.allSatisfy({ (-2000...2000).contains($0) }) else {
        return "Invalid oom-score-adj-values, elements must be between -2000 and 2000."
      }
      to.others["oom-score-adj-values"] = values.map { String($0) }.joined(separator: " ")
      return nil
    },
    Directive(
      "notify-keyspace-events", form: .text, get: { $0.notifyKeyspaceEvents.text }
    ) { to, arguments, _ in
      guard let events = KeyspaceEvents(arguments[0]) else {
        return "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."
      }
      to.notifyKeyspaceEvents = events
      return nil
    },
    Directive(
      "latency-tracking-info-percentiles", flags: [.multipleArguments, .binarySafe],
      form: .values(writePercentiles),
      get: showPercentiles, set: setPercentiles),
  ]

  // MARK: replicaof HOST PORT

  /// The master that a file names (`getConfigReplicaOfOption` in config.c).
  @Sendable private static func showReplicaOf(_ configuration: Configuration) -> String {
    configuration.replicaof.map { "\($0.host) \($0.port)" } ?? ""
  }

  /// A master has no line of it (`rewriteConfigReplicaOfOption` in config.c).
  @Sendable private static func writeReplicaOf(_ configuration: Configuration) -> [(text: String, isForced: Bool)] {
    let isCluster = configuration.others["cluster-enabled"] == "yes"
    return configuration.replicaof == nil || isCluster ? [] : [(showReplicaOf(configuration), true)]
  }

  /// Takes a host and a port, or NO ONE (`setConfigReplicaOfOption` in config.c).
  @Sendable private static func setReplicaOf(
    _ configuration: inout Configuration, _ arguments: [String], _ source: Directive.Source
  ) -> String? {
    guard arguments.count == 2 else { return "wrong number of arguments" }
    configuration.replicaof = nil
    if arguments[0].asciiLowercased() == "no", arguments[1].asciiLowercased() == "one" { return nil }
    guard let number = Integer.whole(arguments[1]), case let port = Int(Int32(truncatingIfNeeded: number)),
      (0...65535).contains(port)
    else { return "Invalid master port" }
    configuration.replicaof = Address(host: arguments[0], port: port)
    return nil
  }

  // MARK: save SECONDS CHANGES …

  /// All points behind each other (`getConfigSaveOption` in config.c).
  @Sendable private static func showSave(_ configuration: Configuration) -> String {
    configuration.save.map { "\($0.seconds) \($0.changes)" }.joined(separator: " ")
  }

  /// A line for each point (`rewriteConfigSaveOption` in config.c).
  @Sendable private static func writeSave(_ configuration: Configuration) -> [(text: String, isForced: Bool)] {
    let points = configuration.save.map { (text: "\($0.seconds) \($0.changes)", isForced: true) }
    // Without any, the defaults would hold.
    return points.isEmpty ? [("\"\"", true)] : points
  }

  /// Takes pairs of seconds and changes (`setConfigSaveOption`, `appendServerSaveParams`, `resetServerSaveParams` in
  /// config.c).
  @Sendable private static func setSave(
    _ configuration: inout Configuration, _ arguments: [String], _ source: Directive.Source
  ) -> String? {
    var points: [SavePoint] = []
    let none = arguments == [""] || arguments.isEmpty
    if !none {
      let numbers = arguments.compactMap { Integer.whole($0) }
      guard numbers.count == arguments.count, numbers.count.isMultiple(of: 2) else { return "Invalid save parameters" }
      for index in stride(from: 0, to: numbers.count, by: 2) {
        guard numbers[index] >= 1, numbers[index + 1] >= 0 else { return "Invalid save parameters" }
        points.append(SavePoint(seconds: numbers[index], changes: Int64(Int32(truncatingIfNeeded: numbers[index + 1]))))
      }
    }
    // The lines of a file add up, but the first of them does away with the defaults.
    let keeps = source == .file && !configuration.saveIsDefault && !none
    configuration.save = (keeps ? configuration.save : []) + points
    configuration.saveIsDefault = false
    return nil
  }

  // MARK: client-output-buffer-limit CLASS HARD SOFT SECONDS …

  /// The limits of each class behind each other (`getConfigClientOutputBufferLimitOption` in config.c).
  @Sendable private static func showOutputBufferLimits(_ configuration: Configuration) -> String {
    let limits = configuration.clientOutputBufferLimits
    return [("normal", limits.normal), ("slave", limits.replica), ("pubsub", limits.pubsub)]
      .map { "\($0) \($1.hard) \($1.soft) \($1.softSeconds)" }.joined(separator: " ")
  }

  /// A line for each class (`rewriteConfigClientOutputBufferLimitOption` in config.c).
  @Sendable private static func writeOutputBufferLimits(
    _ configuration: Configuration
  ) -> [(text: String, isForced: Bool)] {
    let (limits, standard) = (configuration.clientOutputBufferLimits, OutputBufferLimits())
    func text(_ name: String, _ path: KeyPath<OutputBufferLimits, OutputBufferLimits.Limit>) -> (String, Bool) {
      let limit = limits[keyPath: path]
      let (hard, soft) = (Int64(bitPattern: limit.hard), Int64(bitPattern: limit.soft))
      return (
        "\(name) \(MemorySize.text(hard)) \(MemorySize.text(soft)) \(limit.softSeconds)",
        limit != standard[keyPath: path]
      )
    }
    return [text("normal", \.normal), text("replica", \.replica), text("pubsub", \.pubsub)]
  }

  /// Takes a class and its three limits, as often as one likes (`setConfigClientOutputBufferLimitOption`,
  /// `updateClientOutputBufferLimit` in config.c).
  @Sendable private static func setOutputBufferLimits(
    _ configuration: inout Configuration, _ arguments: [String], _ source: Directive.Source
  ) -> String? {
    guard arguments.count.isMultiple(of: 4) else { return "Wrong number of arguments in buffer limit configuration." }
    var limits = configuration.clientOutputBufferLimits
    for index in stride(from: 0, to: arguments.count, by: 4) {
      let path: WritableKeyPath<OutputBufferLimits, OutputBufferLimits.Limit>
      switch arguments[index].asciiLowercased() {
      case "normal": path = \.normal
      case "slave", "replica": path = \.replica
      case "pubsub": path = \.pubsub
      default: return "Invalid client class specified in buffer limit configuration."
      }
      guard let hard = MemorySize.parse(arguments[index + 1]), let soft = MemorySize.parse(arguments[index + 2]),
        let seconds = Integer.whole(arguments[index + 3]), seconds >= 0
      else { return "Error in hard, soft or soft_seconds setting in buffer limit configuration." }
      limits[keyPath: path] = .init(hard: hard, soft: soft, softSeconds: seconds)
    }
    configuration.clientOutputBufferLimits = limits
    return nil
  }

  // MARK: bind ADDRESS …

  private static let anyAddress = "* -::*"

  /// One line with all addresses, unless they are the default (`rewriteConfigBindOption` in config.c).
  @Sendable private static func writeBind(_ configuration: Configuration) -> [(text: String, isForced: Bool)] {
    let addresses = configuration.others["bind"] ?? anyAddress
    return addresses == anyAddress ? [] : [(addresses.isEmpty ? "\"\"" : addresses, true)]
  }

  // MARK: latency-tracking-info-percentiles

  /// All percentiles behind each other (`getConfigLatencyTrackingInfoPercentilesOutputOption` in config.c).
  @Sendable private static func showPercentiles(_ configuration: Configuration) -> String {
    configuration.others["latency-tracking-info-percentiles"] ?? "50 99 99.9"
  }

  /// One line with all of them (`rewriteConfigLatencyTrackingInfoPercentilesOutputOption` in config.c).
  @Sendable private static func writePercentiles(_ configuration: Configuration) -> [(text: String, isForced: Bool)] {
    let shown = showPercentiles(configuration)
    return [(shown.isEmpty ? "\"\"" : shown, true)]
  }

  /// Takes numbers from 0 to 100 (`setConfigLatencyTrackingInfoPercentilesOutputOption` in config.c).
  @Sendable private static func setPercentiles(
    _ configuration: inout Configuration, _ arguments: [String], _ source: Directive.Source
  ) -> String? {
    guard arguments != [""], !arguments.isEmpty else {
      configuration.others["latency-tracking-info-percentiles"] = ""
      return nil
    }
    var shown: [String] = []
    for argument in arguments {
      guard let percentile = Double(whole: Bytes(argument)) else {
        return "Invalid latency-tracking-info-percentiles parameters"
      }
      guard (0...100).contains(percentile) else {
        return "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]"
      }
      shown.append(percentile.sixPlaces)
    }
    configuration.others["latency-tracking-info-percentiles"] = shown.joined(separator: " ")
    return nil
  }
}
