import Testing
import Warehouse

@Suite struct ContentKeyTests {
    /// Expected numbers: Python.
    ///
    ///     def part(p):
    ///         t, b = (b'N', b'') if p is None else (b'T', p.encode()) if isinstance(p, str) \
    ///             else (b'I', struct.pack('>q', p)) if isinstance(p, int) else (b'B', p)
    ///         return t + struct.pack('>Q', len(b)) + b
    ///     d = hashlib.sha256(b'slicehouse-key-1' + b''.join(map(part, (kind, *parts)))).digest()
    ///     def key(d, attempt):
    ///         for _ in range(attempt // 4): d = hashlib.sha256(d).digest()
    ///         return int.from_bytes(d, 'big') >> (256 - 63 * (attempt % 4 + 1)) & (2**63 - 1)
    @Test(
        arguments: [
            (
                ContentKey("dataset", "physionet-ich", "1.3.1"),
                [
                    838_002_118_045_295_972, 4_938_685_605_761_255_376, 17_720_642_023_024_902,
                    7_138_966_028_078_901_363,
                    136_510_909_853_395_254, 6_369_488_014_914_868_720,
                ]
            ),
            (
                ContentKey("patient", 1_234_567_890_123_456_789, "049"),
                [
                    2_248_009_437_249_380_554, 7_554_667_129_270_770_604, 6_403_448_006_792_228_286,
                    2_241_793_998_136_848_015, 3_793_410_273_545_353_113, 5_699_559_797_942_932_641,
                ]
            ),
            (
                ContentKey("slice", -1, "clé", nil, .bytes([0, 255])),
                [
                    5_209_197_337_763_391_368, 5_180_329_113_896_129_179, 8_699_162_105_974_035_014,
                    9_144_470_044_479_561_127, 2_022_275_849_441_589_512, 3_586_441_087_487_848_401,
                ]
            ),
            (
                ContentKey("label"),
                [
                    5_014_107_560_757_586_673, 6_047_966_582_016_678_834, 434_162_007_010_860_603,
                    1_345_984_031_579_252_147, 4_747_508_293_581_076_710, 8_201_274_429_615_413_669,
                ]
            ),
        ] as [(ContentKey, [Int64])])
    func `ids are those of the documented format`(key: ContentKey, ids: [Int64]) {
        #expect((0..<6).map { key.id(attempt: $0) } == ids)
    }

    @Test func `the type and the boundary of a part matter`() {
        let keys = [
            ContentKey("t", "a", "bc"), ContentKey("t", "ab", "c"), ContentKey("t", "1"), ContentKey("t", 1),
            ContentKey("t", .bytes([0x31])), ContentKey("t", nil), ContentKey("t", ""), ContentKey("t"),
            ContentKey("t", .text("1"), nil),
        ]
        #expect(Set(keys).count == keys.count)
    }
}
