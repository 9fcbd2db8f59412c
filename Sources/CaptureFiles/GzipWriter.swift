import CZlib

/// Compresses what comes piece by piece into one member of gzip's format.
package final class GzipWriter {
  private var stream = z_stream()
  private static let blockSize = 1 << 16

  package init() { deflate_init_gzip(&stream) }
  deinit { deflateEnd(&stream) }

  /// What is ready of all that has come up to now.
  package func add(_ bytes: [UInt8]) -> [UInt8] { deflate(bytes, Z_NO_FLUSH) }

  /// The rest; nothing can be added any more.
  package func finish() -> [UInt8] { deflate([], Z_FINISH) }

  private func deflate(_ input: [UInt8], _ flush: CInt) -> [UInt8] {
    var output: [UInt8] = []
    input.withUnsafeBufferPointer { bytes in
      stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
      stream.avail_in = uInt(bytes.count)
      repeat {
        output += [UInt8](unsafeUninitializedCapacity: Self.blockSize) { buffer, count in
          stream.next_out = buffer.baseAddress
          stream.avail_out = uInt(buffer.count)
          _ = CZlib.deflate(&stream, flush)
          count = buffer.count - Int(stream.avail_out)
        }
      } while stream.avail_out == 0
    }
    return output
  }
}
