import RESP

// LATENCY (latency.c in Redis 7.0).

extension CommandTable {
  static let latency: [String: Command.Body] = [
    "latency|doctor": { $0.latencyDoctor(&$1) },
    "latency|graph": { $0.latencyGraph(&$1) },
    "latency|help": { $0.latencyHelp(&$1) },
    "latency|histogram": { $0.latencyHistogram(&$1) },
    "latency|history": { $0.latencyHistory(&$1) },
    "latency|latest": { $0.latencyLatest(&$1) },
    "latency|reset": { $0.latencyReset(&$1) },
  ]
}

extension Node {
  /// LATENCY HISTORY (`latencyCommandReplyWithSamples` in latency.c).
  mutating func latencyHistory(_ call: inout Call) {
    let samples = latencyMonitor.events[call.arguments[2].printed]?.samples ?? []
    call.reply.array(samples.count)
    for sample in samples {
      call.reply.array(2)
      call.reply.integer(sample.time)
      call.reply.integer(sample.latency)
    }
  }

  /// LATENCY LATEST (`latencyCommandReplyWithLatestEvents` in latency.c).
  mutating func latencyLatest(_ call: inout Call) {
    call.reply.array(latencyMonitor.events.count)
    for (name, series) in latencyMonitor.events {
      call.reply.array(4)
      call.reply.bulk(name)
      call.reply.integer(series.samples.last?.time ?? 0)
      call.reply.integer(series.samples.last?.latency ?? 0)
      call.reply.integer(series.worst)
    }
  }

  /// LATENCY RESET (`latencyCommand` in latency.c).
  mutating func latencyReset(_ call: inout Call) {
    let names = call.arguments.dropFirst(2)
    let count = names.isEmpty ? latencyMonitor.reset() : names.reduce(0) { $0 + latencyMonitor.reset($1.printed) }
    call.reply.integer(count)
  }

  /// LATENCY HISTOGRAM: how many calls took how long at most (`latencyAllCommandsFillCDF`,
  /// `latencySpecificCommandsFillCDF`, `fillCommandCDF` in latency.c). All of them took less than the first bucket holds.
  mutating func latencyHistogram(_ call: inout Call) {
    var chosen = statistics.commands.counts.filter { $0.timed > 0 }
    let asked = call.arguments.dropFirst(2)
    if !asked.isEmpty {
      chosen = asked.flatMap { name -> [CommandStatistics.Counts] in
        guard let command = configuration.commandNames.find(fullName: name) else { return [] }
        let ids = [command.id] + command.subcommands.map(\.id)
        return chosen.filter { ids.contains($0.command) }
      }
    }
    call.reply.map(chosen.count)
    for counts in chosen {
      call.reply.bulk(CommandTable.names[counts.command])
      call.reply.map(2)
      call.reply.bulk("calls")
      call.reply.integer(counts.timed)
      call.reply.bulk("histogram_usec")
      call.reply.map(1)
      call.reply.integer(1)
      call.reply.integer(counts.timed)
    }
  }

  // MARK: Graph

  /// LATENCY GRAPH (`latencyCommandGenSparkeline` in latency.c).
  mutating func latencyGraph(_ call: inout Call) {
    let event = call.arguments[2].printed
    guard let series = latencyMonitor.events[event] else {
      return call.reply.error("ERR No samples available for event '\(event)'")
    }
    let latencies = series.samples.map(\.latency)
    let (least, most) = (latencies.min() ?? 0, latencies.max() ?? 0)
    var text = "\(event) - high \(most) ms, low \(least) ms (all time high \(series.worst) ms)\n"
    text += String(repeating: "-", count: Sparkline.columns) + "\n"
    let labels = series.samples.map { Node.elapsed(now.seconds - $0.time) }
    text += Sparkline(values: latencies, labels: labels).text
    call.reply.verbatim(text, format: "txt")
  }

  /// How long ago, in the largest unit of which one has passed.
  private static func elapsed(_ seconds: Int64) -> String {
    switch seconds {
    case ..<60: "\(seconds)s"
    case ..<3_600: "\(seconds / 60)m"
    case ..<86_400: "\(seconds / 3_600)h"
    default: "\(seconds / 86_400)d"
    }
  }

  // MARK: Doctor

  /// LATENCY DOCTOR (`createLatencyReport` in latency.c), with its advice on what can take long here: commands.
  mutating func latencyDoctor(_ call: inout Call) {
    call.reply.verbatim(latencyReport, format: "txt")
  }

  private var latencyReport: String {
    let threshold = configuration.latencyMonitorThreshold
    guard !latencyMonitor.events.isEmpty else {
      return threshold == 0
        ? "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use "
          + "\"CONFIG SET latency-monitor-threshold <milliseconds>.\" in order to enable it. If we weren't in a deep "
          + "space mission I'd suggest to take a look at https://redis.io/topics/latency-monitor.\n"
        : "Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest bit. I "
          + "honestly think you ought to sit down calmly, take a stress pill, and think things over.\n"
    }
    var report =
      "Dave, I have observed latency spikes in this Redis instance. You don't mind talking about it, do you Dave?\n\n"
    for (number, (name, series)) in latencyMonitor.events.enumerated() {
      let analysis = series.analysis(at: now)
      let period = (Double(analysis.period) / Double(series.samples.count)).twoPlaces
      report +=
        "\(number + 1). \(name): \(series.samples.count) latency spikes (average \(analysis.average)ms, mean deviation "
        + "\(analysis.meanDeviation)ms, period \(period) sec). Worst all time event \(series.worst)ms.\n"
    }
    return report + "\nI have a few advices for you:\n\n" + advice(threshold)
  }

  private func advice(_ threshold: Int64) -> String {
    var advice = ""
    let slowlog = configuration.slowlogLogSlowerThan
    if latencyMonitor.events["command"] != nil {
      if slowlog < 0 {
        advice +=
          "- There are latency issues with potentially slow commands you are using. Try to enable the Slow Log Redis "
          + "feature using the command 'CONFIG SET slowlog-log-slower-than \(threshold *| 1_000)'. If the Slow log is "
          + "disabled Redis is not able to log slow commands execution for you.\n"
      } else if slowlog / 1_000 > threshold {
        advice +=
          "- Your current Slow Log configuration only logs events that are slower than your configured latency monitor "
          + "threshold. Please use 'CONFIG SET slowlog-log-slower-than \(threshold *| 1_000)'.\n"
      }
      advice +=
        "- Check your Slow Log to understand what are the commands you are running which are too slow to execute. Please "
        + "check https://redis.io/commands/slowlog for more information.\n"
    }
    if latencyMonitor.events["fast-command"] != nil {
      advice +=
        "- The system is slow to execute Redis code paths not containing system calls. This usually means the system "
        + "does not provide Redis CPU time to run for long periods. You should try to:\n"
        + "  1) Lower the system load.\n"
        + "  2) Use a computer / VM just for Redis if you are running other software in the same system.\n"
        + "  3) Check if you have a \"noisy neighbour\" problem.\n"
        + "  4) Check with 'redis-cli --intrinsic-latency 100' what is the intrinsic latency in your system.\n"
        + "  5) Check if the problem is allocator-related by recompiling Redis with MALLOC=libc, if you are using "
        + "Jemalloc. However this may create fragmentation problems.\n"
    }
    if latencyMonitor.events["command"] != nil {
      advice +=
        "- Deleting, expiring or evicting (because of maxmemory policy) large objects is a blocking operation. If you "
        + "have very large objects that are often deleted, expired, or evicted, try to fragment those objects into "
        + "multiple smaller objects.\n"
    }
    return advice
  }

  /// LATENCY HELP (`latencyCommand` in latency.c).
  mutating func latencyHelp(_ call: inout Call) {
    call.help([
      "DOCTOR",
      "    Return a human readable latency analysis report.",
      "GRAPH <event>",
      "    Return an ASCII latency graph for the <event> class.",
      "HISTORY <event>",
      "    Return time-latency samples for the <event> class.",
      "LATEST",
      "    Return the latest latency samples for all events.",
      "RESET [<event> ...]",
      "    Reset latency data of one or more <event> classes.",
      "    (default: reset all data for all event classes)",
      "HISTOGRAM [COMMAND ...]",
      "    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.",
      "    If no commands are specified then all histograms are replied.",
    ])
  }
}

/// Values as columns of characters, each with a label that runs downwards (sparkline.c).
private struct Sparkline {
  let values: [Int64]
  let labels: [String]

  static let columns = 80
  private static let rows: Int64 = 4
  private static let steps: [Character] = ["_", "o", "#"]

  /// (`sparklineRender` in sparkline.c).
  var text: String {
    stride(from: 0, to: values.count, by: Self.columns)
      .map { lines(Array($0..<min($0 + Self.columns, values.count))) }.joined(separator: "\n")
  }

  /// (`sparklineRenderRange` in sparkline.c).
  private func lines(_ range: [Int]) -> String {
    let (least, most) = (values.min() ?? 0, values.max() ?? 0)
    let spread = max(most - least, 1)
    let count = Int64(Self.steps.count)
    var lines: [[Character]] = (0..<Self.rows).map { row in
      range.map { index in
        let step = min((values[index] - least) *| (count * Self.rows) / spread, count * Self.rows - 1)
        let place = step - (Self.rows - row - 1) * count
        return place < 0 ? " " : place < count ? Self.steps[Int(place)] : "|"
      }
    }
    lines.append(range.map { _ in " " })
    let letters = range.map { Array(labels[$0]) }
    for row in 0..<(letters.map(\.count).max() ?? 0) { lines.append(letters.map { row < $0.count ? $0[row] : " " }) }
    return lines.map { String($0) + "\n" }.joined()
  }
}
