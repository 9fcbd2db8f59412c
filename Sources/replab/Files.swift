import Glibc
import LineEdit

/// A file's bytes, block by block.
final class FileReader {
  private let name: String
  private let descriptor: CInt
  /// 0 where it is not known.
  let size: Int

  static var standardInput: FileReader { FileReader(STDIN_FILENO, "standard input") }

  private init(_ descriptor: CInt, _ name: String) {
    (self.descriptor, self.name) = (descriptor, name)
    var status = stat()
    size = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
  }

  /// A file by the name that a user gives it.
  convenience init(_ name: String) throws(Complaint) {
    if name == "-" { self.init(STDIN_FILENO, name) } else { try self.init(path: Belongings.file(name), name) }
  }

  convenience init(path: String, _ name: String) throws(Complaint) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .input("cannot read \(name): \(String(cString: strerror(errno)))") }
    self.init(descriptor, name)
  }

  deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

  /// The next block, as soon as there is one; nil at the end.
  func next() throws(Complaint) -> [UInt8]? {
    while true {
      var count = 0
      let block = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, used in
        count = read(descriptor, buffer.baseAddress, buffer.count)
        used = max(0, count)
      }
      if count > 0 { return block }
      if count == 0 { return nil }
      if errno != EINTR { throw .input("cannot read \(name): \(String(cString: strerror(errno)))") }
      if Interrupt.requested { throw .interrupted }
    }
  }
}

/// The bytes of a text that is read whole: a configuration, a list of users, a lesson. A device may have no end.
func readFile(_ path: String) throws(Complaint) -> [UInt8] {
  let reader = try FileReader(path: path, path)
  var bytes: [UInt8] = []
  while let block = try reader.next() {
    bytes += block
    guard bytes.count <= mostText else { throw .input("\(path) is longer than 64 MB, which is more than is read here") }
  }
  return bytes
}

/// The one name of a file by which it is told from all others, however it was named; the name itself where there is none.
func fullName(of path: String) -> String {
  guard let name = realpath(path, nil) else { return path }
  defer { free(name) }
  return String(cString: name)
}

/// How long a text may be, or a line of one that is read line by line.
let mostText = 64 << 20

/// Opens a file to write it from its beginning.
///
/// - Parameter force: the command that would write over one in which there is something: such a one is refused then. A
///   device, a pipe and an empty file have nothing to lose. nil: whatever is there is replaced.
func openToWrite(_ path: String, unless force: String? = nil, mode: mode_t = 0o644) throws(Complaint) -> CInt {
  let flags = O_WRONLY | O_CREAT | O_CLOEXEC
  if let force {
    // One that comes into being meanwhile is not this one.
    let descriptor = open(path, flags | O_EXCL, mode)
    if descriptor >= 0 { return descriptor }
    var status = stat()
    if errno == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 {
      throw .input(
        "cannot write \(path): \(String(cString: strerror(EEXIST)))",
        advice: "Name a file that does not exist yet; `\(force)` writes over this one.")
    }
  }
  let descriptor = open(path, flags | O_TRUNC, mode)
  guard descriptor >= 0 else { throw .input("cannot write \(path): \(String(cString: strerror(errno)))") }
  return descriptor
}

/// Writes a file whole, in place of one that is there, unless `force` is to do that: see `openToWrite`.
func writeFile(_ path: String, _ bytes: [UInt8], unless force: String? = nil) throws(Complaint) {
  let descriptor = try openToWrite(path, unless: force)
  defer { close(descriptor) }
  var sent = 0
  while sent < bytes.count {
    let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + sent, bytes.count - sent) }
    if count > 0 {
      sent += count
    } else if errno != EINTR {
      throw .input("cannot write \(path): \(String(cString: strerror(errno)))")
    }
  }
}

/// Writes a file in place of one that is there, which is whole at every moment: the old one or the new one.
func replaceFile(_ path: String, _ bytes: [UInt8], mode: mode_t = 0o644) throws(Complaint) {
  let draft = "\(path).\(getpid()).new"
  unlink(draft)
  try writeFile(draft, bytes)
  chmod(draft, mode)
  guard rename(draft, path) == 0 else {
    let reason = String(cString: strerror(errno))
    unlink(draft)
    throw .input("cannot write \(path): \(reason)")
  }
}
