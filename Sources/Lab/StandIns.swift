// Until Dissection has it.
package struct Message: Sendable, Hashable { package var bytes: [UInt8] }
extension Message { func isCalled(_ name: String) -> Bool { false } }
