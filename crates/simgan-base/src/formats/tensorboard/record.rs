//! TFRecords: messages with their lengths and checksums.

/// CRC-32C rotated and offset, as TFRecord stores it, so that a CRC over data that holds CRCs stays meaningful.
pub(super) fn masked_crc(bytes: &[u8]) -> u32 {
    crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// CRC-32C (Castagnoli polynomial, reflected).
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        CRC_TABLE[usize::from(crc as u8 ^ byte)] ^ (crc >> 8)
    })
}

const CRC_TABLE: [u32; 256] = crc_table();

const fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                crc >> 1 ^ 0x82f6_3b78
            } else {
                crc >> 1
            };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
}

#[cfg(test)]
pub(super) mod reading {
    use super::super::message::reading::take;
    use super::*;

    /// Records of a file, both checksums verified by the bit-by-bit definition.
    pub(crate) fn records(mut bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut records = Vec::new();
        while !bytes.is_empty() {
            let length = take(&mut bytes, 8);
            let check = u32::from_le_bytes(take(&mut bytes, 4).try_into().unwrap());
            assert_eq!(unmask(check), slow_crc(length));
            let data = take(
                &mut bytes,
                u64::from_le_bytes(length.try_into().unwrap()) as usize,
            );
            let check = u32::from_le_bytes(take(&mut bytes, 4).try_into().unwrap());
            assert_eq!(unmask(check), slow_crc(data));
            records.push(data.to_vec());
        }
        records
    }

    fn unmask(masked: u32) -> u32 {
        let rotated = masked.wrapping_sub(0xa282_ead8);
        rotated.rotate_left(15)
    }

    fn slow_crc(bytes: &[u8]) -> u32 {
        let mut crc = !0_u32;
        for byte in bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
            }
        }
        !crc
    }

    #[test]
    fn crc32c_of_known_texts() {
        // RFC 3720, appendix B.4, and the common check value.
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }
}
