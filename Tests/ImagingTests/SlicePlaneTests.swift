import Testing

import Imaging

@Suite struct SlicePlaneTests {
    @Test func `the first number of Pixel Spacing lies between rows`() throws {
        let plane = try axialPlane(z: 0)
        #expect(plane.rowSpacing == 0.5)
        #expect(plane.columnSpacing == 0.6)
    }

    /// `np.cross([1,0,0], [0,0.9483237,-0.3173047])` = [0, 0.3173047, 0.9483237], a head CT tilted by 18.5 degrees.
    @Test func `the normal of a tilted slice is the cross product`() throws {
        let plane = try SlicePlane(
            imagePosition: [0, 0, 0], imageOrientation: [1, 0, 0, 0, 0.9483237, -0.3173047], pixelSpacing: [1, 1])
        expectClose(plane.normal, [0, 0.3173047, 0.9483237], within: 1e-7)
    }

    @Test(arguments: [
        [0, 0, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0], [1, 0, 0, 0, 2, 0], [1, 0, 0, 0, .nan, 0], [1, 0, 0, 0.1, 1, 0],
        [1, 0, 0, 0, 1],
    ])
    func `directions that span no plane are refused`(orientation: [Double]) {
        #expect(throws: ImagingError.self) {
            try SlicePlane(imagePosition: [0, 0, 0], imageOrientation: orientation, pixelSpacing: [1, 1])
        }
    }

    @Test func `a spacing of zero is refused`() {
        #expect(throws: ImagingError.self) {
            try SlicePlane(imagePosition: [0, 0, 0], imageOrientation: [1, 0, 0, 0, 1, 0], pixelSpacing: [0, 1])
        }
    }
}
