import CPcap
import Capture

/// A filter as tcpdump takes it (`port 7000 and host ::1`), compiled for one link type: pcap-filter(7).
final class Filter {
  private var program = bpf_program()

  /// Throws libpcap's own message.
  init(_ expression: String, linkType: LinkType, path: String) throws(RecordingError) {
    guard let handle = pcap_open_dead(Self.dataLinkType(linkType), CInt(Pcap.snapshotLength)) else {
      throw RecordingError(.filter, path: path, "libpcap is out of memory")
    }
    defer { pcap_close(handle) }
    // No netmask is known: only `ip broadcast` would need it.
    guard pcap_compile(handle, &program, expression, 1, 0xffff_ffff) == 0 else {
      throw RecordingError(
        .filter, path: path, "‘\(expression)’: \(String(cString: pcap_geterr(handle)))",
        advice: "A filter looks like tcpdump's: ‘port 7000’, ‘tcp and host ::1’; see pcap-filter(7).")
    }
  }

  deinit { pcap_freecode(&program) }

  func matches(_ header: pcap_pkthdr, _ bytes: UnsafePointer<UInt8>) -> Bool {
    var header = header
    return pcap_offline_filter(&program, &header, bytes) != 0
  }

  func matches(_ frame: Frame) -> Bool {
    var header = pcap_pkthdr()
    header.caplen = bpf_u_int32(frame.bytes.count)
    header.len = bpf_u_int32(frame.wireLength)
    return frame.bytes.slice.withUnsafeBufferPointer { bytes in
      // libpcap takes no null pointer, even for no bytes.
      guard let start = bytes.baseAddress else { return false }
      return matches(header, start)
    }
  }

  /// libpcap's number in the program for what is `rawValue` in a file.
  private static func dataLinkType(_ type: LinkType) -> CInt { type == .raw ? 12 : CInt(type.rawValue) }
}
