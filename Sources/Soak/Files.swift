import Glibc

/// - Throws: why it can't be read.
package func readFile(_ path: String) throws -> [UInt8] {
  guard let file = fopen(path, "r") else { throw SoakError("can't read \(path)") }
  defer { fclose(file) }
  var (bytes, block) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
  while case let count = fread(&block, 1, block.count, file), count > 0 { bytes += block[..<count] }
  return bytes
}

/// - Throws: why it can't be written.
package func writeFile(_ path: String, _ bytes: [UInt8]) throws {
  guard let file = fopen(path, "w") else { throw SoakError("can't write \(path)") }
  defer { fclose(file) }
  guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw SoakError("can't write \(path)") }
}
