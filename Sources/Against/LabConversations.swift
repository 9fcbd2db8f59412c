import Comparison
import Dissection
import Lab

/// Follows a timeline's steps and writes down what the lab's replicas and masters say.
struct LabConversations {
  private let tolerance = Tolerance.servers { $0 }
  private var pairs: [Link.ID: Pair] = [:]
  private var conversations: [Pair: Conversation] = [:]

  var runs: [Pair: ConversationRun] { conversations.mapValues(\.runs) }

  mutating func hear(_ step: Step, in world: World) {
    for link in world.links where pairs[link.id] == nil {
      guard case .node(let replica) = link.opener.party else { continue }
      pairs[link.id] = Pair(replica: replica, masterPort: link.acceptor.address.port)
    }
    for delivery in step.delivered {
      guard let pair = pairs[delivery.link] else { continue }
      conversations[pair, default: Conversation()].hear(delivery.message, on: delivery.link.number, tolerance)
    }
  }

  /// The pair that a link is of.
  func pair(of link: Link.ID) -> Pair? { pairs[link] }

  /// The user does something to a node that may end what it has under way.
  mutating func interrupt(_ node: String, port: Int?) {
    for pair in conversations.keys where pair.replica == node || pair.masterPort == port {
      conversations[pair]?.interrupt()
    }
  }
}
