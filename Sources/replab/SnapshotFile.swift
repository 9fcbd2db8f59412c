import Capture
import Dissection
import Glibc
import Lab

/// Where `replab inspect --restore FILE` writes the first snapshot of a transcript: as it comes, so that it may be larger
/// than memory. Of one that is not whole no file is left.
struct SnapshotFile {
  private let path: String
  private var output: Output?
  private var link: Link.ID?
  private var unknown = 0
  private(set) var isWhole = false
  private var size: Int?
  private var written = 0

  init(_ path: String) { self.path = path }

  mutating func take(_ delivery: Delivery) throws(Complaint) {
    guard !isWhole, link == nil || link == delivery.link else { return }
    switch delivery.message.kind {
    case .payloadHeader(let form):
      try open()
      link = delivery.link
      if case .sized(let count) = form { size = count }
    case .payload:
      guard let output else { return }
      output.write(delivery.message.bytes)
      written += delivery.message.range.count
      unknown += delivery.marks.unknownCount
      isWhole = size == written
    case .endMark: isWhole = link != nil
    default: break
    }
  }

  private mutating func open() throws(Complaint) {
    guard output == nil else { return }
    let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw .input(
        "cannot write \(path): \(String(cString: strerror(errno)))",
        advice: errno == EEXIST ? "Name a file that does not exist yet." : nil)
    }
    output = Output(descriptor: descriptor)
  }

  /// The transcript has ended.
  func finish() throws(Complaint) {
    guard isWhole, unknown == 0 else {
      if output != nil { unlink(path) }
      throw .input(
        !isWhole
          ? "no snapshot is whole in this transcript, so none is written"
          : "\(unknown) bytes of the snapshot are not known, so it is not written",
        advice: isWhole ? "What is said above its first message tells why." : nil)
    }
  }
}
