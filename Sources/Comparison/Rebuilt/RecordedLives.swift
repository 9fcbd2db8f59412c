import Dissection
import RESP

/// When a recorded node's process ended and another one took its place: nobody could connect to it meanwhile, or all of its
/// connections ended at once.
struct RecordedLives {
  /// Which events are of each life.
  private(set) var ranges: [Range<Int>] = []

  private var start = 0
  private var isDown = false
  private var hasBegun = false
  private var open: Set<Int> = []
  /// Those that the other side has hung up on.
  private var left: Set<Int> = []
  private var closed: [(event: Int, time: Int64)] = []
  private var wasToldToEnd = false
  private var killsClients = false

  /// The connections of a process that ends are closed within this time, in nanoseconds.
  private static let moment: Int64 = 50_000_000

  init(of sides: [Int: Side], in transcript: NormalizedTranscript) {
    for (index, event) in transcript.events.enumerated() {
      guard let side = sides[event.connection] else { continue }
      if transcript.refused.contains(event.connection) {
        if side == .acceptor { end(at: index) }
        continue
      }
      if isDown {
        (isDown, start) = (false, index)
        (open, closed, wasToldToEnd) = ([], [], false)
      }
      hasBegun = true
      take(event, index, side)
    }
    if !isDown { ranges.append(start..<transcript.events.count) }
  }

  private mutating func end(at index: Int) {
    guard !isDown else { return }
    isDown = true
    if hasBegun { ranges.append(start..<index) }
    hasBegun = false
  }

  private mutating func take(_ event: NormalizedTranscript.Event, _ index: Int, _ side: Side) {
    switch event.what {
    case .message(let message):
      open.insert(event.connection)
      guard message.side != side else {
        closed = []
        wasToldToEnd = false
        return
      }
      let outline = CommandWords(message)
      wasToldToEnd = side == .acceptor && outline.name == "shutdown"
      killsClients = outline.name == "client" && outline.second == "kill"
    case .begins, .lost: open.insert(event.connection)
    case .finished(let who), .reset(let who):
      open.remove(event.connection)
      guard who == side else {
        left.insert(event.connection)
        return
      }
      if left.contains(event.connection), !wasToldToEnd { return }
      if let first = closed.first, event.time -| first.time > Self.moment { closed = [] }
      closed.append((index, event.time))
      let isAll = open.isEmpty && closed.count > 1 && !killsClients
      if wasToldToEnd && open.isEmpty || isAll { end(at: index + 1) }
    }
  }
}

/// The first words of a command, in lower case.
struct CommandWords {
  let name: String
  let second: String

  init(_ message: Message) {
    let words = message.side == .opener ? message.words.prefix(2) : []
    let texts = words.map { String(bytes: $0).lowercased() }
    (name, second) = (texts.first ?? "", texts.count > 1 ? texts[1] : "")
  }
}
