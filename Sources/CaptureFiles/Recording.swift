import Capture

/// A recorded transcript, read record by record, whatever its format and size: a capture file (through libpcap), text that
/// tcpdump printed, or arrows; plain or gzip-compressed; from a file, standard input or memory.
///
///     let recording = try Recording(path: "sync.pcap", filter: "port 7000")
///     while let record = try recording.next() {
///       guard let packet = record.packet else { continue }
///       …
///     }
///
/// What can be read before an error is handed out first; then `next()` throws, and says where. It holds one record.
package final class Recording {
  /// What a transcript is, by its content; a name counts for nothing.
  package enum Format: Hashable, Sendable {
    case pcap, pcapng
    /// What tcpdump prints.
    case tcpdump
    /// `>>>` and `<<<`, as the notes write them.
    case arrows
  }

  package let path: String
  package let format: Format
  /// Whether the file keeps times in nanoseconds (of a pcapng file: whether its first interface does).
  package let isNanoseconds: Bool
  /// What the frames begin with; of text that does not show it, what they are made up with.
  package let linkType: LinkType
  package private(set) var counts = Counts()

  /// What has been read so far.
  package struct Counts: Hashable, Sendable {
    /// Records with a TCP segment, which `next()` returned.
    package var packets = 0
    /// Records with something else, or with less than a TCP header.
    package var others = 0
    /// What the filter left out.
    package var filtered = 0
  }

  /// Asked when a signal ends a wait for more input: whether to stop waiting. The program sets it before it opens any.
  package nonisolated(unsafe) static var isInterrupted: @Sendable () -> Bool = { false }

  private let reader: Reader

  private enum Reader {
    case file(SaveFile)
    case text(TextFile)
  }

  /// Opens a transcript and finds out what it is; "-" is standard input.
  ///
  /// - Parameter filter: which frames to read, as tcpdump takes it (`port 7000`); nil or empty reads all.
  package convenience init(path: String, filter: String? = nil) throws(RecordingError) {
    try self.init(try ByteSource(path: path), path: path, filter: filter)
  }

  /// The same for a transcript that is in memory. `name` is what complaints call it.
  package convenience init(bytes: [UInt8], name: String = "memory", filter: String? = nil) throws(RecordingError) {
    try self.init(ByteSource(bytes: bytes), path: name, filter: filter)
  }

  /// Opens it at a record in the middle, whose place was told before; nil where that can't be: only the classic format
  /// has all that its records need in its first bytes, and only a file that is not compressed can be entered anywhere.
  package convenience init?(path: String, filter: String? = nil, resumingAt offset: Int) throws(RecordingError) {
    let source = try ByteSource(path: path)
    guard source.jump(after: Pcap.fileHeaderLength, to: offset - Pcap.recordHeaderLength) else { return nil }
    try self.init(source, path: path, filter: filter)
    guard format == .pcap else { return nil }
  }

  private init(_ source: ByteSource, path: String, filter: String?) throws(RecordingError) {
    self.path = path
    let filter = filter.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
    (format, isNanoseconds) = try Self.sniff(source, path: path)
    switch format {
    case .pcap, .pcapng:
      let file = try SaveFile(source, path: path, filter: filter)
      linkType = file.linkType
      reader = .file(file)
    case .tcpdump, .arrows:
      let text = try TextFile(source, path: path, isArrows: format == .arrows, filter: filter)
      linkType = text.linkType
      reader = .text(text)
    }
  }

  /// The next record, or nil at the end.
  package func next() throws(RecordingError) -> Record? {
    let record: Record?
    switch reader {
    case .file(let file):
      defer { counts.filtered = file.filteredCount }
      record = try file.next().map { Record($0.frame, place: .byte($0.offset)) }
    case .text(let text):
      defer { counts.filtered = text.filteredCount }
      record = try text.next()
    }
    guard let record else { return nil }
    if record.packet == nil { counts.others += 1 } else { counts.packets += 1 }
    return record
  }
}
