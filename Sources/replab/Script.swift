import LineEdit

/// A script of the lab: one command a line, read as it comes.
struct Script {
  /// The name that complaints give.
  let name: String
  private let reader: FileReader

  init(standardInput: Void) { (name, reader) = ("standard input", .standardInput) }

  init(path: String) throws(Complaint) {
    name = path
    reader = try FileReader(path: Belongings.file(path), path)
  }

  /// Runs line after line and stops at the first command that fails, with its place.
  func run(in session: inout Session) throws {
    var lines = LineReader(reader)
    var number = 0
    while !session.isOver, let line = try lines.next() {
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

/// The lines of a file, each as soon as it is there.
struct LineReader {
  private let reader: FileReader
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false

  init(_ reader: FileReader) { self.reader = reader }

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
      guard buffer.count <= mostText else { throw .input("a line is longer than 64 MB, which is more than is read here") }
      searched = buffer.count
      try fill()
    }
  }

  private mutating func fill() throws(Complaint) {
    if let block = try reader.next() { buffer += block } else { isAtEnd = true }
  }
}
