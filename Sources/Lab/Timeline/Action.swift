import Capture
import Dissection
import Redis

/// Everything that can be done to a world. A world and a list of actions determine all that follows: the timeline goes
/// back in time by doing the same actions again, and `save` writes them down as a script.
package enum Action: Sendable, Hashable {
  /// Lets the next pending event happen.
  case next
  /// `choose`: delivers the first segment in flight towards `side` of a link, before events that would come first.
  case deliver(Link.ID, towards: Side)
  /// `advance`: moves the clock to this time; refused while an event is due before it.
  case advance(to: Instant)
  /// `advance … at once`: lets all that is due until this time happen, as one step.
  case pass(to: Instant)

  /// A client's command, typed at the prompt: the node's own client's, or that of a client of this name.
  case command(node: String, arguments: [[UInt8]])

  /// `client`: another of the prompt's clients connects to a node, or leaves.
  case connectClient(String, node: String)
  case disconnectClient(String)
  /// `client NAME --sentinel MASTER`: one that asks Sentinels where the master is.
  case followMaster(String, master: String)

  case start(node: String, Launch)
  /// SHUTDOWN: SIGTERM, as `redis-cli shutdown` or a service manager would end the node.
  case stop(node: String)
  /// kill -9.
  case kill(node: String)
  /// The node's machine loses its power, and with it all that was not safe on its disk.
  case cutPower(node: String)
  /// Starts a node that has ended, with the same configuration and disk.
  case restart(node: String)
  /// SIGSTOP: the process stands still, its kernel goes on accepting bytes for it.
  case pause(node: String)
  case resume(node: String)

  /// Both ends of the link see a reset, and what was in flight is lost.
  case cut(Link.ID)
  case partition(String, String)
  case heal(String, String)
  /// Sets how long a segment travels on the link, one way; what is in flight already keeps its time of arrival.
  case lag(Link.ID, Interval)
  /// The same for all links between two nodes, those to come among them.
  case lagBetween(String, String, Interval)
  /// `partition A B --one-way`: nothing gets from the one to the other; the other way all does.
  case cutPath(from: String, to: String)
  /// Packets between the two take up to so much longer, by chance.
  case jitter(String, String, Interval)
  /// So many bytes a second get through between the two, each way; nil: any number.
  case bandwidth(String, String, Int?)
  /// So many of a thousand packets between the two are lost, and sent again.
  case drop(String, String, perMille: Int)
  /// A byte of a file is another one.
  case damageFile(node: String, file: String, offset: Int)
  /// A byte of a packet in flight towards a side is: of the first one with data, or of one behind so many others with data.
  case damagePacket(Link.ID, towards: Side, behind: Int = 0, offset: Int)
  /// Cuts such a packet into pieces of these sizes, in bytes; what remains is the last one.
  case split(Link.ID, towards: Side, behind: Int = 0, sizes: [Int])
  /// The largest write of a sync payload, in bytes.
  case chunk(node: String, ChunkSize)
  /// The clock of a node's machine is ahead of the others by so much from now on, or behind.
  case skew(node: String, Interval)
  /// A node's machine has another address for all others, and may be reached at a port of that; nil: its own again.
  case nat(node: String, OutsideAddress?)
  /// What the disk of a node's machine does from now on.
  case disk(node: String, DiskState)
  /// Settles something that Redis leaves to chance, for a node that runs or for one that will be started.
  case fix(node: String, Fix)

  /// A recording's next packet crosses the wire. In a recording nothing else can be done.
  case crossing(Packet)
  /// A recording ends, and with it what was not whole yet.
  case recordingEnds

  /// Something happens by itself: the user only lets it.
  package var isEvent: Bool {
    switch self {
    case .next, .crossing, .recordingEnds: true
    default: false
    }
  }
}

extension Action {
  /// Doing this one action again can take as long as many steps.
  var isLong: Bool { if case .pass = self { true } else { false } }
}

/// What the user settles in place of chance or of Redis's build: `fix NODE WHAT VALUE`.
package enum Fix: Sendable, Hashable {
  /// `replid`: the next replication id that the node draws, 40 hexadecimal digits.
  case replid(String)
  /// `eof-mark`: the next mark that ends a diskless payload, 40 hexadecimal digits.
  case eofMark(String)
  /// `run-id`: the next run id, drawn when a node starts, 40 hexadecimal digits.
  case runID(String)
  /// `used-memory`: bytes, as `used-mem` in a snapshot and `used_memory` in INFO say.
  case usedMemory(Int)
  /// `redis-version`: what INFO and `redis-ver` in a snapshot say.
  case redisVersion(String)
  /// `rdb-version`: which version of the snapshot's format the node writes, and the newest that it reads.
  case rdbVersion(Int)
  /// `fork`: whether fork(2) succeeds.
  case fork(fails: Bool)
}
