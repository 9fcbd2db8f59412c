import RESP

/// How often each command was called: what `INFO commandstats` and `INFO latencystats` tell.
package struct CommandStatistics: Equatable, Sendable {
  package struct Counts: Equatable, Sendable {
    /// The command's number in the table.
    package let command: Int
    package var calls: Int64 = 0
    /// Refused before it ran, and run in vain.
    package var rejected: Int64 = 0
    package var failed: Int64 = 0
    /// How many of its calls were timed, which those that block are not, nor any while `latency-tracking` is off.
    package var timed: Int64 = 0
    /// How long they took together.
    package var microseconds: Int64 = 0
  }

  /// By the commands' numbers. A world is copied at each step, and a short array costs it little.
  package private(set) var counts: [Counts] = []

  mutating func change(_ command: Command, _ body: (inout Counts) -> Void) {
    let index = counts.partitioningIndex { $0.command >= command.id }
    if index == counts.count || counts[index].command != command.id {
      counts.insert(Counts(command: command.id), at: index)
    }
    body(&counts[index])
  }
}

// INFO's sections on commands and their errors. A real Redis lists commands in the order of a hash table whose seed is
// chance; here it is that of the table.
extension Node {
  /// The section `commandstats` (`genRedisInfoStringCommandStats` in server.c).
  var commandInfo: [(String, String)] {
    statistics.commands.counts.map { counts in
      let average = counts.calls == 0 ? 0 : Double(counts.microseconds) / Double(counts.calls)
      return (
        "cmdstat_\(CommandTable.names[counts.command])",
        "calls=\(counts.calls),usec=\(counts.microseconds),usec_per_call=\(average.twoPlaces),"
          + "rejected_calls=\(counts.rejected),failed_calls=\(counts.failed)"
      )
    }
  }

  var errorInfo: [(String, String)] {
    statistics.errors.sorted { $0.key < $1.key }.map { ("errorstat_\($0.key)", "count=\($0.value)") }
  }

  /// The section `latencystats` (`genRedisInfoStringLatencyStats` in server.c). What took no time is shown as the least
  /// that Redis tells apart, a thousandth of a microsecond.
  var latencyInfo: [(String, String)] {
    guard tracksLatency else { return [] }
    let percentiles = (DirectiveTable.find("latency-tracking-info-percentiles")?.get(configuration) ?? "")
      .split(separator: " ").map { "p\($0)=0.001" }.joined(separator: ",")
    return statistics.commands.counts.filter { $0.timed > 0 }.map {
      ("latency_percentiles_usec_\(CommandTable.names[$0.command])", percentiles)
    }
  }

  var tracksLatency: Bool { configuration.others["latency-tracking"] != "no" }

  /// Errors beyond those that were counted for a command before are this one's (`incrCommandStatsOnError` in server.c).
  mutating func chargeErrors(to command: Command) {
    if statistics.errorReplies > statistics.errorsCharged { statistics.commands.change(command) { $0.failed += 1 } }
    statistics.errorsCharged = statistics.errorReplies
  }

  /// A command that blocked has got what it waited for (`updateStatsOnUnblock` in blocked.c).
  mutating func countServed(_ connection: ConnectionID, _ command: Command, failed: Bool) {
    if let client = clients[connection], let request = client.blocked?.request {
      noteSlow(command, request, of: client, taking: .zero)
    }
    let isTimed = tracksLatency
    statistics.commands.change(command) {
      if failed { $0.failed += 1 }
      if isTimed { $0.timed += 1 }
    }
  }

  /// A command that blocked has ended in another way than by what it waited for (`updateStatsOnUnblock` in blocked.c).
  mutating func countUnblocked(_ connection: ConnectionID) {
    guard let name = clients[connection]?.lastCommand, let command = CommandTable.find(fullName: Bytes(name)) else {
      return
    }
    countServed(connection, command, failed: true)
  }
}
