//! Sound bytes of what all formats have in common.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};

pub(super) fn images() -> Vec<Vec<u8>> {
    let grey = image::GrayImage::from_fn(9, 7, |x, y| image::Luma([(31 * x + 17 * y) as u8]));
    let grey = DynamicImage::from(grey);
    let colour = DynamicImage::from(grey.to_rgb8());
    let write = |image: &DynamicImage, format| {
        let mut bytes = Cursor::new(vec![]);
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    vec![
        write(&grey, ImageFormat::Png),
        write(&DynamicImage::from(grey.to_rgba16()), ImageFormat::Png),
        write(&colour, ImageFormat::Jpeg),
        write(&colour, ImageFormat::Bmp),
        write(&grey, ImageFormat::Pnm),
        write(&grey, ImageFormat::Tiff),
        write(&colour, ImageFormat::WebP),
        b"P2 3 2 255 1 2 3 4 5 6\n".to_vec(),
    ]
}

/// Masks in a palette and in grey of four bits.
pub(super) fn masks() -> Vec<Vec<u8>> {
    let write = |color| {
        let mut bytes = vec![];
        let mut encoder = png::Encoder::new(&mut bytes, 9, 7);
        encoder.set_color(color);
        encoder.set_depth(png::BitDepth::Four);
        encoder.set_palette(vec![7; 48]);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[0x12; 35]).unwrap();
        writer.finish().unwrap();
        bytes
    };
    [png::ColorType::Indexed, png::ColorType::Grayscale]
        .map(write)
        .into()
}

pub(super) fn tables() -> Vec<Vec<u8>> {
    let texts = [
        "file,yaw,note\n1.png,0.5,\"a, \"\"b\"\"\"\n2.png,-1e3,\n",
        "\u{feff}id;image\r\n1;a.png\r\n\r\n2;b.png",
    ];
    texts.map(|text| text.as_bytes().to_vec()).into()
}

pub(super) fn sources() -> Vec<Vec<u8>> {
    let texts = [
        "data?evaluation[10%:-3:2:25]",
        "data@only=track:0..19,30@only=split:!dev[::2]@zoom=0.5@gaze=degrees",
        "sim:eyes?seed=1&gaze_yaw=[-20,20]&count=30[::2]",
    ];
    texts.map(|text| text.as_bytes().to_vec()).into()
}
