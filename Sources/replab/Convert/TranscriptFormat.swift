import Capture
import CaptureFiles
import Glibc

/// A form in which `replab convert` writes a transcript. To add one, add it to `all`.
struct TranscriptFormat: Sendable {
  /// What --to takes.
  var name: String
  var summary: String
  /// The endings of file names that stand for it.
  var endings: [String]
  /// Whether its bytes would upset a terminal.
  var isBinary = false
  /// What writes a recording in this form: called once, it returns what to call with each record.
  var writer: @Sendable (Recording) -> Writer

  /// Turns records into bytes. It is asked for what stands before the first one, for each one, and for the end.
  struct Writer {
    var beginning: [UInt8] = []
    var append: (Record, inout [UInt8]) -> Void
    var end: () -> [UInt8] = { [] }
  }

  static let all: [TranscriptFormat] = [
    TranscriptFormat(
      name: "pcap", summary: "a capture file, for tcpdump, tshark and Wireshark", endings: ["pcap", "cap"],
      isBinary: true,
      writer: { recording in
        let isNanoseconds = recording.isNanoseconds
        return Writer(beginning: Pcap.header(linkType: recording.linkType, isNanoseconds: isNanoseconds)) {
          Pcap.append($0.frame, isNanoseconds: isNanoseconds, to: &$1)
        }
      }),
    TranscriptFormat(
      name: "pcapng", summary: "the same in Wireshark's newer format", endings: ["pcapng", "ntar"], isBinary: true,
      writer: { recording in
        let isNanoseconds = recording.isNanoseconds
        return Writer(beginning: Pcapng.header(linkType: recording.linkType, isNanoseconds: isNanoseconds)) {
          Pcapng.append($0.frame, isNanoseconds: isNanoseconds, to: &$1)
        }
      }),
    TranscriptFormat(
      name: "tcpdump", summary: "the text of tcpdump -nn -A", endings: ["txt", "tcpdump"],
      writer: { _ in printer(.ascii) }),
    TranscriptFormat(
      name: "hex", summary: "the text of tcpdump -nn -X", endings: ["hex"], writer: { _ in printer(.hexAndASCII) }),
  ]

  /// The form that has this name, or that the file's name ends with.
  static func named(_ name: String) -> TranscriptFormat? { all.first { $0.name == name } }

  static func forFile(_ path: String) -> TranscriptFormat? {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: ".") else { return nil }
    let ending = name[name.index(after: dot)...].lowercased()
    return all.first { $0.endings.contains(ending) }
  }

  /// tcpdump prints local time, and interfaces by the names that they have here.
  private static func printer(_ contents: TcpdumpText.Contents) -> Writer {
    var text = TcpdumpText(contents)
    text.interfaceNames = interfaceNames()
    var buffer = TextBuffer()
    var quarter: Int64?
    return Writer { record, bytes in
      let seconds = record.frame.timestamp / 1_000_000_000
      // Clocks are only set forward or back at a quarter of an hour.
      if quarter != seconds / 900 {
        quarter = seconds / 900
        text.secondsFromUTC = secondsFromUTC(at: Int(seconds))
      }
      buffer.removeAll()
      text.append(record.frame, to: &buffer)
      bytes += buffer.bytes
    }
  }

  private static func secondsFromUTC(at seconds: Int) -> Int {
    var time = time_t(seconds)
    var local = tm()
    return localtime_r(&time, &local) == nil ? 0 : local.tm_gmtoff
  }

  private static func interfaceNames() -> [UInt32: String] {
    guard let list = if_nameindex() else { return [:] }
    defer { if_freenameindex(list) }
    var names: [UInt32: String] = [:]
    var entry = list
    while entry.pointee.if_index != 0, let name = entry.pointee.if_name {
      names[entry.pointee.if_index] = String(cString: name)
      entry += 1
    }
    return names
  }
}
