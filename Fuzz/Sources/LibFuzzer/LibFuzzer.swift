@preconcurrency import Glibc

package typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
package typealias Trial = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

/// libFuzzer's loop: calls `trial` with one input after the other and learns from what it covers. Its options are the
/// program's arguments.
@_silgen_name("LLVMFuzzerRunDriver")
package func runFuzzer(
  _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<Arguments>, _ trial: Trial
) -> CInt

/// An input, and the pieces in which its first byte says that it is fed: one byte at a time, or a few, or many.
package struct Input {
  package var bytes: [UInt8]
  package var pieces: [[UInt8]]

  package init(_ pointer: UnsafePointer<UInt8>?, _ count: Int) {
    let all = Array(UnsafeBufferPointer(start: pointer, count: count))
    let size = max(1, Int(all.first ?? 0))
    let bytes = Array(all.dropFirst())
    self.bytes = bytes
    // No bytes are a piece too, lest nobody asks what can be made of nothing.
    pieces = stride(from: 0, to: max(1, bytes.count), by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
  }
}

/// Ends the run, and says why: in a release build a failed precondition would not.
package func check(_ holds: Bool, _ otherwise: @autoclosure () -> String) {
  guard !holds else { return }
  fputs("\(otherwise())\n", stderr)
  abort()
}

/// Says something to who started the fuzzer.
package func tell(_ text: String) { fputs("\(text)\n", stderr) }

/// What is printed from here on goes nowhere.
package func silence() { _ = freopen("/dev/null", "w", stdout) }
