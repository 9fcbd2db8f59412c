import Lab
import Redis

/// What a storm is in words.
package enum StormView {
  static func heading(_ storm: Storm) -> String { "a storm: \(storm.node) connects \(counted(storm.count, "time"))" }

  /// With its numbers.
  package static func text(of storm: Storm) -> String {
    let answer = storm.reason.map { "is answered \u{2018}\($0)\u{2019}" } ?? "fails to load what it gets"
    return "\(storm.node) has connected to \(WhyView.text(storm.master)) \(counted(storm.count, "time")) within "
      + "\((storm.last - storm.began).text), and each time it \(answer). After such an answer a replica of 7.0 tries "
      + "again at once."
  }
}
