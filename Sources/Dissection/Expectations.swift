/// The commands of a connection that wait for their replies, the oldest first: replies come in the commands' order.
struct Expectations: Equatable, Sendable {
  struct Expected: Equatable, Sendable {
    var number: Int
    var name: String
    var stage: Stage
    /// How many replies it gets: (P)SUBSCRIBE and its like get one for each name.
    var replies = 1
    var isSubscription = false
    var isSync = false
  }

  private var queue: [Expected] = []
  /// How many of `queue` have been answered.
  private var answered = 0
  /// `CLIENT REPLY OFF`, or how many commands `CLIENT REPLY SKIP` silences.
  private var isSilent = false
  private var skipped = 0

  var first: Expected? { answered < queue.count ? queue[answered] : nil }

  mutating func expect(_ expected: Expected) {
    if skipped > 0 {
      skipped -= 1
    } else if !isSilent {
      queue.append(expected)
    }
  }

  /// One reply came for the oldest.
  mutating func answer() {
    guard answered < queue.count else { return }
    queue[answered].replies -= 1
    guard queue[answered].replies <= 0 else { return }
    answered += 1
    if answered > 32, answered > queue.count / 2 {
      queue.removeFirst(answered)
      answered = 0
    } else if answered == queue.count {
      queue = []
      answered = 0
    }
  }

  /// `CLIENT REPLY ON|OFF|SKIP`: only ON is itself answered.
  mutating func setReplies(_ mode: String) {
    switch mode {
    case "OFF": isSilent = true
    case "SKIP": skipped = 1
    default: isSilent = false
    }
  }

  mutating func removeAll() {
    queue = []
    answered = 0
  }
}
