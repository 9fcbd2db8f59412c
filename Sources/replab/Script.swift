import Glibc
import LineEdit

/// A script of the lab: one command a line, read as it comes.
struct Script {
  /// The name that complaints give.
  let name: String
  private let descriptor: CInt

  init(standardInput: Void) {
    name = "standard input"
    descriptor = STDIN_FILENO
  }

  init(path: String) throws(Complaint) {
    name = path
    descriptor = open(Belongings.file(path), O_RDONLY)
    guard descriptor >= 0 else { throw .input("cannot read \(path): \(String(cString: strerror(errno)))") }
  }

  /// Runs line after line and stops at the first command that fails, with its place.
  func run(in session: inout Session) throws {
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    var reader = LineReader(descriptor: descriptor)
    var number = 0
    while !session.isOver, let line = try reader.next() {
      number += 1
      do {
        try session.run(line)
      } catch let complaint as Complaint {
        throw complaint.at(file: name, line: number)
      }
      if Interrupt.requested { throw Complaint.interrupted.at(file: name, line: number) }
    }
  }
}

/// Lines from a file descriptor, each as soon as it is there.
struct LineReader {
  let descriptor: CInt
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false

  init(descriptor: CInt) { self.descriptor = descriptor }

  /// The next line without its end, or nil behind the last one.
  mutating func next() throws(Complaint) -> String? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0a) {
        defer { start = end + 1 }
        let stop = end > start && buffer[end - 1] == 0x0d ? end - 1 : end
        return String(decoding: buffer[start..<stop], as: UTF8.self)
      }
      if isAtEnd {
        guard start < buffer.count else { return nil }
        defer { start = buffer.count }
        return String(decoding: buffer[start...], as: UTF8.self)
      }
      buffer.removeFirst(start)
      start = 0
      searched = buffer.count
      try fill()
    }
  }

  private mutating func fill() throws(Complaint) {
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(descriptor, &block, block.count)
      if count > 0 {
        buffer += block[..<count]
        return
      }
      if count == 0 {
        isAtEnd = true
        return
      }
      if errno == EINTR {
        if Interrupt.requested { throw .interrupted }
      } else {
        throw .input("cannot read the script: \(String(cString: strerror(errno)))")
      }
    }
  }
}
