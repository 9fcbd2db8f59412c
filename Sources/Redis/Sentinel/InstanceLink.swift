import DequeModule
import RESP

/// The connections to an instance: one for commands, and one that hears what others publish there; to a Sentinel only the first
/// (`instanceLink` in sentinel.c). Sentinels that watch several masters have one link for all of them.
struct InstanceLink: Equatable, Sendable {
  /// How many instances it leads to.
  var owners = 1
  /// One of the connections is missing.
  var isDisconnected = true
  /// Commands without an answer.
  var pendingCommands = 0
  /// `cc` and `pc`.
  var commands: InstanceConnection?
  var pubsub: InstanceConnection?
  /// When something last came on the second one.
  var pubsubActivity: Int64 = 0
  /// When a PING was last answered as it should be.
  var lastAvailable: Int64
  /// When the first PING was sent of those that no answer has come to; 0: none is under way. It begins with the link, so
  /// that one that never comes about counts as silent.
  var actPing: Int64
  var lastPing: Int64 = 0
  /// When a PING was last answered, however.
  var lastPong: Int64
  var lastReconnection: Int64 = 0

  init(at now: Int64) { (lastAvailable, actPing, lastPong) = (now, now, now) }
}

extension InstanceLink {
  /// One of its two connections.
  enum Part: Sendable { case commands, pubsub }

  subscript(part: Part) -> InstanceConnection? {
    get { part == .commands ? commands : pubsub }
    _modify {
      if part == .commands { yield &commands } else { yield &pubsub }
    }
  }
}

/// One of these connections.
struct InstanceConnection: Equatable, Sendable {
  let id: ConnectionID
  let descriptor: Int
  /// When it was begun.
  let begun: Int64
  /// This end, once the connection is up.
  var local: Address?
  /// Commands that have not left yet.
  var output: [UInt8] = []
  /// What the answers are to, in order.
  var callbacks: Deque<Callback> = []
  var replies = ReplyDecoder()
  /// SUBSCRIBE was sent: what answers nothing is a message.
  var isSubscribed = false

  /// What a command was for, which its answer belongs to.
  struct Callback: Equatable, Sendable {
    enum Purpose: Equatable, Sendable { case nothing, ping, info, publish, isMasterDown }
    var purpose: Purpose
    var instance: InstanceID
  }
}
