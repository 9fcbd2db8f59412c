import Capture
import RESP

/// What one end said, as its peer took it: a command, a reply, or a part of a snapshot's transfer.
///
/// The messages of one side tile its bytes: each begins where the one before it ended.
package struct Message: Sendable, Hashable {
  /// Messages of a connection are numbered from 1, both sides together, in the order in which they became whole.
  package var number: Int
  /// Who sent it.
  package var side: Side
  package var kind: Kind
  /// Which bytes of its side of the connection it is, from 0.
  package var range: Range<Int>
  /// The bytes, shared with the packets that brought them: a message costs no copy.
  package var contents: SharedBytes
  package var stage: Stage
  /// The command that this replies to.
  package var answers: Answered?
  /// The replication offsets of its first and last byte, for what a master streams; nil where they aren't known (a
  /// replica that had to use SYNC is not told them). The offset of the replica's end of the link is then the last one.
  package var offsets: ClosedRange<Int64>?

  package struct Answered: Sendable, Hashable {
    /// The number of the command's message.
    package var number: Int
    /// The command's name and, where it is known, its subcommand, as they were sent: `PING`, `REPLCONF capa`.
    package var name: String

    package init(number: Int, name: String) {
      self.number = number
      self.name = name
    }
  }

  package enum Kind: Sendable, Hashable {
    // What anybody may say.
    /// A command that has no case of its own; `words` has its arguments.
    case command
    /// A reply that has no case of its own.
    case reply(Reply)

    // The handshake.
    case ping
    case auth(user: [UInt8]?)
    case listeningPort(Int)
    case ipAddress([UInt8])
    case capabilities([[UInt8]])
    /// `REPLCONF version`: a Valkey replica tells its own.
    case version([UInt8])
    /// `PSYNC ? -1` has no id and offset -1; else the offset is that of the first byte wanted.
    indirect case psync(id: [UInt8]?, offset: Int64, failover: Bool)
    /// `snapshotOnly`: said on the second connection of Valkey's two, where no stream follows.
    case sync(snapshotOnly: Bool)
    /// An empty line: a sign of life while there is nothing to say.
    case keepAlive
    /// The master will send a snapshot of its data as of `offset`. If the id is not 40 characters long it is nil and the
    /// offset -1; a replica goes on even so.
    case fullResync(id: [UInt8]?, offset: Int64)
    /// The master goes on where the replica left off; the id is missing for replicas without `capa psync2`.
    case partialResync(id: [UInt8]?)

    // A full sync on two connections, which later servers offer each other.
    /// Redis 8.2: the snapshot comes on a second connection, on which the replica is to name this client id; the stream
    /// comes here meanwhile.
    case rdbChannelSync(client: Int64)
    /// Valkey 8: fetch the snapshot on a second connection, then ask here for what follows it.
    case dualChannelSync
    /// `REPLCONF … rdb-channel 1 …`: this is the second connection; Redis's replica names the first one's client id.
    case rdbChannel(client: Int64?)
    /// Valkey's `$ENDOFF:`: the snapshot that follows ends at this offset of this history; the stream goes on in this
    /// database, and the replica is to name this client id on its first connection.
    indirect case endOffset(Int64, id: [UInt8], database: Int64, client: Int64)
    /// `REPLCONF set-rdb-client-id`: the second connection that belongs to this one.
    case rdbClient(Int64)

    // The transfer.
    case payloadHeader(PayloadForm)
    /// Bytes of the snapshot that came together; where they are in it.
    case payload(Range<Int>)
    /// The 40 characters that end a snapshot whose length was not known before.
    case endMark

    // The stream, and what comes back.
    /// A command of the master's, to be done as it is; `words` has its arguments.
    case stream
    /// The master's PING within the stream, in lower case, that shows that it lives; it counts as bytes like any other.
    case streamPing
    /// `SELECT`: the database that the following commands are about.
    case streamSelect([UInt8])
    /// The master wants to know how far the replica has come.
    case getAck
    /// The replica has applied all bytes up to `offset` (7.2 and later may say how far it has written them to disk, too).
    indirect case ack(Acknowledgement)

    // What is none of these.
    /// Bytes that break the protocol, and all that follow them on that side.
    indirect case malformed(Fault)
    /// The connection ended, or bytes were lost, within a message: what there was of it.
    case truncated
    /// Bytes whose beginning is not in the recording, before the next place that can be read.
    case unknown
  }

  /// A reply in short; `text` has what the first two and bulk strings say.
  package enum Reply: Sendable, Hashable {
    case simple
    case error
    case integer(Int64)
    case bulk
    case null
    /// Arrays, maps and the rest of RESP3; how many elements a map or an array has.
    case aggregate(count: Int)
    case other
    /// What was not asked for: a published message.
    case push
  }

  package enum PayloadForm: Sendable, Hashable {
    /// `$1234`: so many bytes follow.
    case sized(Int)
    /// `$EOF:` and 40 characters that will end the payload.
    case streamed(mark: [UInt8])
  }

  package struct Acknowledgement: Sendable, Hashable {
    package var offset: Int64
    /// `FACK`: the offset up to which the replica's append-only file is on disk.
    package var fsynced: Int64?
    /// It is the first after a snapshot: the replica has loaded that.
    package var endsTransfer = false
    /// How many bytes it covers that no acknowledgement covered before; nil while the link's offsets are unknown.
    package var newBytes: Int64?
    /// How many bytes have been sent that it doesn't cover.
    package var outstanding: Int64?

    package init(
      offset: Int64, fsynced: Int64? = nil, endsTransfer: Bool = false, newBytes: Int64? = nil,
      outstanding: Int64? = nil
    ) {
      self.offset = offset
      self.fsynced = fsynced
      self.endsTransfer = endsTransfer
      self.newBytes = newBytes
      self.outstanding = outstanding
    }
  }

  /// Why bytes could not be read, and where.
  package struct Fault: Sendable, Hashable {
    /// In Redis's own words where it has any.
    package var reason: String
    /// The offset of the faulty line within its side's bytes.
    package var offset: Int

    package init(reason: String, offset: Int) {
      self.reason = reason
      self.offset = offset
    }
  }

  @inline(__always)
  package init(
    number: Int, side: Side, kind: Kind, range: Range<Int>, contents: SharedBytes, stage: Stage,
    answers: Answered? = nil, offsets: ClosedRange<Int64>? = nil
  ) {
    self.number = number
    self.side = side
    self.kind = kind
    self.range = range
    self.contents = contents
    self.stage = stage
    self.answers = answers
    self.offsets = offsets
  }
}

// What the bytes hold, made anew each time it is asked for.
extension Message {
  package var bytes: [UInt8] { Array(contents.slice) }

  /// A command's words, the name first; none for an empty command, or for what is no command.
  package var words: [[UInt8]] {
    var decoder = RequestDecoder(limits: .init(maxBulkLength: Int.max - 2))
    decoder.feed(bytes)
    guard let request = try? decoder.next() else { return [] }
    return request.arguments
  }

  /// What a simple string, an error or a bulk string says.
  package var text: [UInt8] {
    let bytes = bytes
    guard let end = bytes.firstIndex(of: 0x0A) else { return Array(bytes.dropFirst()) }
    if bytes.first == UInt8(ascii: "$") { return Array(bytes[(end + 1)...].dropLast(2)) }
    return Array(bytes[..<end].dropFirst().dropLast(end > 0 && bytes[end - 1] == 0x0D ? 1 : 0))
  }
}
