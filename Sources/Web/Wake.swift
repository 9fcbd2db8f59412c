import Glibc

/// A descriptor that can be polled and is readable once somebody has rung: the end of a pipe that holds one byte at most.
package final class Wake: Sendable {
  package let descriptor: CInt
  private let bell: CInt

  init() throws(WebError) {
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { throw WebError(String(cString: strerror(errno))) }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    (descriptor, bell) = (ends[0], ends[1])
  }

  deinit {
    close(descriptor)
    close(bell)
  }

  /// Where the pipe is full, it has been rung often enough.
  func ring() {
    var byte: UInt8 = 0
    write(bell, &byte, 1)
  }

  /// What was rung up to now is heard.
  func silence() {
    var bytes = [UInt8](repeating: 0, count: 512)
    while read(descriptor, &bytes, bytes.count) == bytes.count {}
  }
}
