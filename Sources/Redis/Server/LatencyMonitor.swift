import OrderedCollections
import RESP

/// What took longer than `latency-monitor-threshold`, by the kind of event, in the order in which the kinds came first
/// (latency.c).
package struct LatencyMonitor: Equatable, Sendable {
  private(set) var events: OrderedDictionary<String, Series> = [:]

  /// How long something took, in milliseconds, and in which second it was over.
  struct Sample: Equatable, Sendable {
    var time: Int64
    var latency: Int64
  }

  struct Series: Equatable, Sendable {
    /// The oldest first.
    fileprivate(set) var samples: [Sample] = []
    fileprivate(set) var worst: Int64 = 0
    private static let capacity = 160

    /// A second has one sample, the worst of it.
    fileprivate mutating func add(_ sample: Sample) {
      worst = max(worst, sample.latency)
      if let last = samples.last, last.time == sample.time {
        samples[samples.count - 1].latency = max(last.latency, sample.latency)
        return
      }
      if samples.count == Self.capacity { samples.removeFirst() }
      samples.append(sample)
    }
  }

  /// (`latencyAddSample` in latency.c).
  mutating func add(_ event: String, _ sample: Sample) { events[event, default: Series()].add(sample) }

  /// Forgets an event in any case of letters, or all; how many were there (`latencyResetEvent` in latency.c).
  mutating func reset(_ event: String? = nil) -> Int {
    let before = events.count
    events.removeAll { name, _ in event.map { $0.asciiLowercased() == name } ?? true }
    return before - events.count
  }
}

extension LatencyMonitor.Series {
  /// What LATENCY DOCTOR tells of an event (`analyzeLatencyForEvent` in latency.c).
  struct Analysis {
    var average: Int64 = 0
    var meanDeviation: Int64 = 0
    /// In seconds.
    var period: Int64 = 0
  }

  func analysis(at now: Instant) -> Analysis {
    guard let first = samples.first else { return Analysis() }
    let count = Int64(samples.count)
    let average = samples.reduce(0) { $0 +| $1.latency } / count
    let deviation = samples.reduce(0) { $0 +| abs(average - $1.latency) } / count
    return Analysis(average: average, meanDeviation: deviation, period: max(now.seconds - first.time, 1))
  }
}

extension Node {
  /// A command's time counts as an event of its own if it was too long (`call` in server.c; `latencyAddSampleIfNeeded` in
  /// latency.h).
  mutating func noteLatency(_ command: Command, taking duration: Interval) {
    let (threshold, latency) = (configuration.latencyMonitorThreshold, duration.microseconds / 1_000)
    guard threshold > 0, latency >= threshold else { return }
    let event = command.flags.contains(.fast) ? "fast-command" : "command"
    latencyMonitor.add(event, LatencyMonitor.Sample(time: (now + duration).seconds, latency: latency))
  }
}
