// Until Capture and Dissection have them.

package struct Packet: Sendable, Hashable { package var bytes: [UInt8] }
package struct Message: Sendable, Hashable { package var bytes: [UInt8] }
