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
  /// Commands or replies were lost: nobody knows which reply answers which command, until a command comes when all
  /// before it is answered, or, where nobody knows that, after a reply.
  private var isUncertain = false
  private var sawReply = false

  var first: Expected? { answered < queue.count ? queue[answered] : nil }

  /// - Parameter isQuiet: whether all before it is answered, where that is known.
  mutating func expect(_ expected: Expected, isQuiet: Bool?) {
    if skipped > 0 {
      skipped -= 1
      return
    }
    if isSilent { return }
    if isUncertain {
      guard isQuiet ?? sawReply || expected.isSync else { return }
      isUncertain = false
    }
    queue.append(expected)
  }

  /// One reply came for the oldest.
  mutating func answer() {
    guard answered < queue.count else { return }
    queue[answered].replies -= 1
    guard queue[answered].replies <= 0 else { return }
    answered += 1
    if answered == queue.count {
      queue.removeAll(keepingCapacity: queue.count <= 1024)
      answered = 0
    } else if answered > 32, answered > queue.count / 2 {
      queue.removeFirst(answered)
      answered = 0
    }
  }

  /// A reply came that answers nothing known.
  mutating func noteReply() { sawReply = true }

  /// `CLIENT REPLY ON|OFF|SKIP`: only ON is itself answered.
  mutating func setReplies(_ mode: String) {
    switch mode {
    case "OFF": isSilent = true
    case "SKIP": skipped = 1
    default: isSilent = false
    }
  }

  /// Commands or replies were lost.
  mutating func lose() {
    queue = []
    answered = 0
    isUncertain = true
    sawReply = false
  }
}
