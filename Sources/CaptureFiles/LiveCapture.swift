import CPcap
import Capture
import Glibc

/// Frames as they cross an interface of this machine: what tcpdump would see. All that is captured goes to a file, too.
package final class LiveCapture {
  /// What was captured so far, and kept.
  package private(set) var count = 0
  package let linkType: LinkType

  private let handle: OpaquePointer
  private let dump: OpaquePointer
  private let interface: String

  /// How long one waits for a frame before one looks whether to stop. libpcap itself would wait for ever, even beyond a
  /// signal.
  private static let patienceMilliseconds: CInt = 100

  /// What the kernel keeps for whoever is slow to ask. Each frame takes a place of the interface's largest one, 64 KiB on a
  /// loopback, so that libpcap's own 2 MiB are full after thirty.
  private static let bufferSize: CInt = 32 << 20

  /// - Parameters:
  ///   - interface: as `ip link` names them: `lo`, `eth0`, `any`.
  ///   - path: the file that keeps what is captured, in the classic format.
  /// - Throws: why it can't be done, and what to do where it is a matter of rights.
  package init(interface: String, filter: String, path: String) throws(RecordingError) {
    self.interface = interface
    var words = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard let handle = pcap_create(interface, &words) else {
      throw RecordingError(.input, path: interface, Self.text(words))
    }
    pcap_set_snaplen(handle, CInt(Pcap.snapshotLength))
    pcap_set_timeout(handle, Self.patienceMilliseconds)
    pcap_set_immediate_mode(handle, 1)
    pcap_set_buffer_size(handle, Self.bufferSize)
    let status = pcap_activate(handle)
    do throws(RecordingError) {
      guard status >= 0 else { throw Self.refusal(status, interface, handle) }
      let number = pcap_datalink(handle)
      guard let linkType = LinkType(number: UInt32(bitPattern: number)) else {
        throw RecordingError(
          .input, path: interface,
          "its frames have link type \(number); only Ethernet, loopback, Linux cooked and raw IP can be read")
      }
      var program = bpf_program()
      guard pcap_compile(handle, &program, filter, 1, 0xffff_ffff) == 0, pcap_setfilter(handle, &program) == 0 else {
        throw RecordingError(
          .filter, path: interface, "‘\(filter)’: \(String(cString: pcap_geterr(handle)))",
          advice: "A filter looks like tcpdump's: ‘port 7000’, ‘tcp and host ::1’; see pcap-filter(7).")
      }
      pcap_freecode(&program)
      guard pcap_setnonblock(handle, 1, &words) == 0 else {
        throw RecordingError(.input, path: interface, Self.text(words))
      }
      guard let dump = pcap_dump_open(handle, path) else {
        throw RecordingError(.input, path: path, String(cString: pcap_geterr(handle)))
      }
      (self.handle, self.dump, self.linkType) = (handle, dump, linkType)
    } catch {
      pcap_close(handle)
      throw error
    }
  }

  deinit {
    pcap_dump_close(dump)
    pcap_close(handle)
  }

  /// The next frame, or nil if none came for a while: then one asks again, or stops.
  package func next() throws(RecordingError) -> Frame? {
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var bytes: UnsafePointer<UInt8>?
    var status = pcap_next_ex(handle, &header, &bytes)
    if status == 0 {
      var waiting = pollfd(fd: pcap_get_selectable_fd(handle), events: Int16(POLLIN), revents: 0)
      poll(&waiting, 1, Self.patienceMilliseconds)
      status = pcap_next_ex(handle, &header, &bytes)
    }
    switch status {
    case 1:
      guard let header, let bytes else { return nil }
      pcap_dump(UnsafeMutableRawPointer(dump).assumingMemoryBound(to: UInt8.self), header, bytes)
      count += 1
      let captured = UnsafeBufferPointer(start: bytes, count: Int(header.pointee.caplen))
      return Frame(
        timestamp: Int64(header.pointee.ts.tv_sec) * 1_000_000_000 + Int64(header.pointee.ts.tv_usec) * 1_000,
        linkType: linkType, bytes: SharedBytes(Array(captured)), wireLength: Int(header.pointee.len))
    case 0, PCAP_ERROR_BREAK: return nil
    default: throw RecordingError(.input, path: interface, String(cString: pcap_geterr(handle)))
    }
  }

  /// What was captured is in the file from now on.
  package func flush() { pcap_dump_flush(dump) }

  /// How many frames came while the kernel had no room for them: these are nowhere.
  package var lostCount: Int {
    var statistics = pcap_stat()
    return pcap_stats(handle, &statistics) == 0 ? Int(statistics.ps_drop) : 0
  }

  /// How many bytes the file has.
  package var byteCount: Int { Int(pcap_dump_ftell(dump)) }

  private static func refusal(_ status: CInt, _ interface: String, _ handle: OpaquePointer) -> RecordingError {
    let detail = String(cString: pcap_geterr(handle))
    switch status {
    case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED:
      return RecordingError(.rights, path: interface, "you have no right to capture here")
    case PCAP_ERROR_NO_SUCH_DEVICE:
      return RecordingError(
        .input, path: interface, "there is no such interface", advice: "There are: \(names.joined(separator: ", ")).")
    case PCAP_ERROR_IFACE_NOT_UP: return RecordingError(.input, path: interface, "the interface is down")
    default:
      return RecordingError(
        .input, path: interface, detail.isEmpty ? String(cString: pcap_statustostr(status)) : detail)
    }
  }

  /// The interfaces that libpcap knows of.
  private static var names: [String] {
    var first: UnsafeMutablePointer<pcap_if_t>?
    var words = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard pcap_findalldevs(&first, &words) == 0 else { return ["lo"] }
    defer { pcap_freealldevs(first) }
    return Array(
      sequence(first: first, next: { $0?.pointee.next }).prefix { $0 != nil }.compactMap {
        $0?.pointee.name.map { String(cString: $0) }
      })
  }

  private static func text(_ words: [CChar]) -> String {
    String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
