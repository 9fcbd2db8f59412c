import CPcap
import Capture
import Glibc

/// A capture file as libpcap reads it: pcap and pcapng, µs and ns, either byte order.
final class SaveFile {
  private let source: ByteSource
  private let path: String
  private let file: UnsafeMutablePointer<FILE>
  /// libpcap's type is opaque. It closes `file`.
  private let handle: OpaquePointer
  let linkType: LinkType
  private let filter: Filter?
  /// How many frames the filter left out.
  private(set) var filteredCount = 0

  init(_ source: ByteSource, path: String, filter: String?) throws(RecordingError) {
    self.source = source
    self.path = path
    let functions = stream_functions(
      read: { source, buffer, count in
        Unmanaged<ByteSource>.fromOpaque(source!).takeUnretainedValue().read(into: buffer!, count)
      }, write: nil,
      // Only asked where it stands.
      seek: { source, offset, _ in
        offset!.pointee = Int64(Unmanaged<ByteSource>.fromOpaque(source!).takeUnretainedValue().position)
        return 0
      }, close: nil)
    guard let file = open_stream(Unmanaged.passUnretained(source).toOpaque(), "r", functions) else {
      throw RecordingError(.input, path: path, "cannot be read: \(String(cString: strerror(errno)))")
    }
    self.file = file
    var words = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    let nanoseconds = u_int(PCAP_TSTAMP_PRECISION_NANO)
    guard let handle = pcap_fopen_offline_with_tstamp_precision(file, nanoseconds, &words) else {
      let offset = ftell(file)
      fclose(file)
      throw Self.error(path, source, Self.text(words), at: offset)
    }
    self.handle = handle
    let number = UInt32(bitPattern: pcap_datalink(handle))
    guard let linkType = LinkType(number: number) else {
      let name = pcap_datalink_val_to_name(CInt(number)).map { " (\(String(cString: $0)))" } ?? ""
      pcap_close(handle)
      throw RecordingError(
        .input, path: path,
        "the frames have link type \(number)\(name); only Ethernet, loopback, Linux cooked and raw IP can be read")
    }
    self.linkType = linkType
    do throws(RecordingError) {
      self.filter = try filter.map { expression throws(RecordingError) in
        try Filter(expression, linkType: linkType, path: path)
      }
    } catch {
      pcap_close(handle)
      throw error
    }
  }

  deinit { pcap_close(handle) }

  /// The next frame that the filter lets pass and the offset of its first byte, or nil at the end of the file.
  func next() throws(RecordingError) -> (frame: Frame, offset: Int)? {
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var bytes: UnsafePointer<UInt8>?
    while true {
      switch pcap_next_ex(handle, &header, &bytes) {
      case 1:
        guard let header, let bytes else { return nil }
        if let filter, !filter.matches(header.pointee, bytes) {
          filteredCount += 1
          continue
        }
        let captured = Int(header.pointee.caplen)
        let frame = Frame(
          timestamp: Int64(header.pointee.ts.tv_sec) &* 1_000_000_000 &+ Int64(header.pointee.ts.tv_usec),
          linkType: linkType, bytes: SharedBytes(Array(UnsafeBufferPointer(start: bytes, count: captured))),
          wireLength: Int(header.pointee.len))
        return (frame, max(0, ftell(file) - captured) + source.shift)
      case PCAP_ERROR_BREAK:
        // An error below looks like an end to libpcap, if it falls between two records.
        if let failure = source.failure { throw Self.error(path, source, failure, at: ftell(file)) }
        return nil
      default: throw Self.error(path, source, String(cString: pcap_geterr(handle)), at: ftell(file))
      }
    }
  }

  private static func error(_ path: String, _ source: ByteSource, _ words: String, at offset: Int) -> RecordingError {
    RecordingError(.input, path: path, source.failure ?? words, at: .byte(max(0, offset) + source.shift))
  }

  private static func text(_ words: [CChar]) -> String {
    String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
