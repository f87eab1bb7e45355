//! What an image says besides what one sees is taken out: where it was taken, by what, and whatever follows its end. It is decoded once,
//! so that what is kept as an image is one, and a small one is made of it.

use super::Refused;
use domain::files::FileKind;
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use img_parts::Bytes;
use img_parts::jpeg::{Jpeg, JpegSegment, markers};
use img_parts::png::Png;
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::WebP;
use std::io::Cursor;

/// Some fifty megapixels.
const MOST_OF_MEMORY: u64 = 200 * 1024 * 1024;
const LONGEST_SIDE: u32 = 20_000;
/// The small one; what is no larger, and light, needs none.
const PREVIEW_SIDE: u32 = 1_280;
const LIGHT: usize = 256 * 1024;
const PREVIEW_QUALITY: u8 = 85;

/// An image as it is kept.
pub(super) struct Picture {
    pub content: Vec<u8>,
    pub preview: Option<(FileKind, Vec<u8>)>,
}

/// Reads an image, and writes it without what it says besides.
pub(super) fn cleaned(kind: FileKind, content: &[u8]) -> Result<Picture, Refused> {
    let format = match kind {
        FileKind::Png => ImageFormat::Png,
        FileKind::Jpeg => ImageFormat::Jpeg,
        FileKind::Webp => ImageFormat::WebP,
        FileKind::Gif => ImageFormat::Gif,
        FileKind::Text => return Err(Refused::NotTaken),
    };
    let (seen, orientation) = decoded(format, content)?;
    let bytes = Bytes::copy_from_slice(content);
    let broken = |_| Refused::Broken;
    let content = match kind {
        FileKind::Jpeg => jpeg(Jpeg::from_bytes(bytes).map_err(broken)?, orientation)?,
        FileKind::Png => png(Png::from_bytes(bytes).map_err(broken)?),
        FileKind::Webp => webp(WebP::from_bytes(bytes).map_err(broken)?),
        FileKind::Gif | FileKind::Text => gif_of_frames(content).ok_or(Refused::Broken)?,
    };
    let preview = preview(seen, orientation, content.len())?;
    Ok(Picture { content, preview })
}

fn decoded(format: ImageFormat, content: &[u8]) -> Result<(DynamicImage, Orientation), Refused> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_OF_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(content), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(told)?;
    limits.reserve(decoder.total_bytes()).map_err(told)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let seen = DynamicImage::from_decoder(decoder).map_err(told)?;
    Ok((seen, orientation))
}

fn told(error: image::ImageError) -> Refused {
    match error {
        image::ImageError::Limits(_) => Refused::TooManyPixels,
        error => {
            tracing::debug!(%error, "an image could not be read");
            Refused::Broken
        }
    }
}

fn preview(
    seen: DynamicImage,
    orientation: Orientation,
    size: usize,
) -> Result<Option<(FileKind, Vec<u8>)>, Refused> {
    let is_small = seen.width() <= PREVIEW_SIDE && seen.height() <= PREVIEW_SIDE;
    if is_small && size <= LIGHT {
        return Ok(None);
    }
    let mut small = if is_small {
        seen
    } else {
        seen.thumbnail(PREVIEW_SIDE, PREVIEW_SIDE)
    };
    small.apply_orientation(orientation);
    let mut written = Vec::new();
    if small.has_alpha() {
        let small = DynamicImage::ImageRgba8(small.into_rgba8());
        small
            .write_to(&mut Cursor::new(&mut written), ImageFormat::Png)
            .map_err(told)?;
        return Ok(Some((FileKind::Png, written)));
    }
    let small = DynamicImage::ImageRgb8(small.into_rgb8());
    let encoder = JpegEncoder::new_with_quality(&mut written, PREVIEW_QUALITY);
    small.write_with_encoder(encoder).map_err(told)?;
    Ok(Some((FileKind::Jpeg, written)))
}

/// Of what programs say of a JPEG its colours stay, and which way is up.
fn jpeg(mut jpeg: Jpeg, orientation: Orientation) -> Result<Vec<u8>, Refused> {
    jpeg.segments_mut().retain(|segment| match segment.marker() {
        markers::APP0 => segment.contents().starts_with(b"JFIF\0"),
        markers::APP2 => segment.contents().starts_with(b"ICC_PROFILE\0"),
        markers::APP14 => segment.contents().starts_with(b"Adobe"),
        markers::APP1..=markers::APP15 | markers::COM => false,
        _ => true,
    });
    if orientation != Orientation::NoTransforms {
        let turned = JpegSegment::new_with_contents(markers::APP1, exif_that_says(orientation));
        let after = usize::from(
            jpeg.segments()
                .first()
                .is_some_and(|first| first.marker() == markers::APP0),
        );
        jpeg.segments_mut().insert(after, turned);
    }
    without_what_follows(&jpeg.encoder().bytes()).ok_or(Refused::Broken)
}

/// A directory with one line: the orientation.
fn exif_that_says(orientation: Orientation) -> Bytes {
    let mut said = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    said.extend([orientation.to_exif(), 0, 0, 0, 0, 0, 0]);
    Bytes::from(said)
}

/// Up to the end of the first image: telephones put a film behind it, or a second image, with a place of their own.
fn without_what_follows(jpeg: &[u8]) -> Option<Vec<u8>> {
    let mut kept = jpeg.get(..2)?.to_vec();
    let mut at = 2;
    let mut has_begun = false;
    loop {
        let next = jpeg[at..].iter().position(|byte| *byte == 0xff)? + at;
        kept.extend_from_slice(&jpeg[at..next]);
        let marker = *jpeg.get(next + 1)?;
        match marker {
            markers::EOI => {
                kept.extend([0xff, markers::EOI]);
                return Some(kept);
            }
            // A byte of the picture itself, a place to begin again, or nothing.
            0x00 | 0x01 | markers::RST0..=markers::RST7 => {
                kept.extend([0xff, marker]);
                at = next + 2;
            }
            0xff => at = next + 1,
            _ => {
                let length = usize::from(u16::from_be_bytes([*jpeg.get(next + 2)?, *jpeg.get(next + 3)?]));
                let end = next + 2 + length.max(2);
                let segment = jpeg.get(next..end)?;
                // Those before the picture were looked through.
                if !(has_begun && matches!(marker, markers::APP0..=markers::APP15 | markers::COM)) {
                    kept.extend_from_slice(segment);
                }
                has_begun |= marker == markers::SOS;
                at = end;
            }
        }
    }
}

/// Parts of a PNG that say how it looks.
const PARTS: [&[u8; 4]; 16] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP",
    b"pHYs", b"bKGD", b"acTL", b"fcTL", b"fdAT",
];

fn png(mut png: Png) -> Vec<u8> {
    png.chunks_mut().retain(|chunk| PARTS.contains(&&chunk.kind()));
    png.encoder().bytes().to_vec()
}

/// Marks in the head of a WebP that say of place and origin.
const SAYS_EXIF: u8 = 0b1000;
const SAYS_XMP: u8 = 0b0100;

fn webp(mut webp: WebP) -> Vec<u8> {
    let parts = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
    webp.chunks_mut().retain(|chunk| parts.contains(&&chunk.id()));
    let head = webp.chunks_mut().iter_mut().find(|chunk| chunk.id() == *b"VP8X");
    if let Some(RiffContent::Data(data)) = head.map(RiffChunk::content_mut) {
        let mut marks = data.to_vec();
        if let Some(first) = marks.first_mut() {
            *first &= !(SAYS_EXIF | SAYS_XMP);
        }
        *data = Bytes::from(marks);
    }
    webp.encoder().bytes().to_vec()
}

/// A GIF of the same frames, as they are, and nothing besides.
fn gif_of_frames(content: &[u8]) -> Option<Vec<u8>> {
    let mut options = gif::DecodeOptions::new();
    options.skip_frame_decoding(true);
    let mut decoder = options.read_info(content).ok()?;
    let palette = decoder.global_palette().unwrap_or_default().to_vec();
    let (width, height, repeat) = (decoder.width(), decoder.height(), decoder.repeat());
    let mut written = Vec::with_capacity(content.len());
    let mut encoder = gif::Encoder::new(&mut written, width, height, &palette).ok()?;
    encoder.set_repeat(repeat).ok()?;
    while let Some(frame) = decoder.read_next_frame().ok()? {
        encoder.write_lzw_pre_encoded_frame(frame).ok()?;
    }
    drop(encoder);
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut written = Vec::new();
        image.write_to(&mut Cursor::new(&mut written), format).unwrap();
        written
    }

    /// Wider than high, the left half light.
    fn seen(width: u32, height: u32) -> DynamicImage {
        let light = |x, _| {
            if x < width / 2 {
                Rgb([250, 250, 250])
            } else {
                Rgb([10, 10, 10])
            }
        };
        DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, light))
    }

    fn has(content: &[u8], words: &str) -> bool {
        content.windows(words.len()).any(|part| part == words.as_bytes())
    }

    fn segment(marker: u8, words: &[u8]) -> Vec<u8> {
        let length = u16::try_from(words.len() + 2).unwrap();
        [&[0xff, marker][..], &length.to_be_bytes(), words].concat()
    }

    /// A JPEG as a telephone writes it: the place in several forms, the camera held upright, and a film behind it.
    fn from_a_telephone() -> Vec<u8> {
        let plain = written(&seen(64, 32), ImageFormat::Jpeg);
        let exif = [&exif_that_says(Orientation::Rotate90)[..], b"52.5200 N"].concat();
        [
            &plain[..2],
            &segment(markers::APP1, &exif),
            &segment(markers::APP1, b"http://ns.adobe.com/xap/1.0/\0<x>13.4050 E</x>"),
            &segment(markers::APP13, b"Photoshop 3.0\0Berlin"),
            &segment(markers::COM, b"at home"),
            &plain[2..],
            b"ftypmp42 and a film of 52.5200 N",
        ]
        .concat()
    }

    #[test]
    fn a_photograph_does_not_say_where_it_was_taken() {
        let photograph = from_a_telephone();
        let picture = cleaned(FileKind::Jpeg, &photograph).unwrap();
        for words in ["52.5200", "13.4050", "Berlin", "home", "film", "xap"] {
            assert!(has(&photograph, words) || words == "xap", "{words}");
            assert!(!has(&picture.content, words), "{words}");
        }
        assert!(picture.content.ends_with(&[0xff, markers::EOI]));
        let (again, orientation) = decoded(ImageFormat::Jpeg, &picture.content).unwrap();
        assert_eq!(orientation, Orientation::Rotate90, "which way is up stays");
        assert_eq!(
            again.to_rgb8(),
            decoded(ImageFormat::Jpeg, &photograph).unwrap().0.to_rgb8()
        );
    }

    #[test]
    fn a_png_keeps_its_picture_only() {
        let plain = written(&seen(40, 30), ImageFormat::Png);
        let mut png = Png::from_bytes(plain.clone().into()).unwrap();
        for kind in [*b"tEXt", *b"eXIf", *b"iTXt"] {
            let said = img_parts::png::PngChunk::new(kind, Bytes::from_static(b"GPS\x0052.5200 N"));
            png.chunks_mut().insert(1, said);
        }
        let content = [&png.encoder().bytes()[..], b"52.5200 behind"].concat();
        assert!(has(&content, "52.5200"));
        let picture = cleaned(FileKind::Png, &content).unwrap();
        assert!(!has(&picture.content, "52.5200"));
        assert_eq!(
            decoded(ImageFormat::Png, &picture.content).unwrap().0,
            seen(40, 30)
        );
    }

    #[test]
    fn a_webp_keeps_its_picture_only() {
        let plain = written(&seen(40, 30), ImageFormat::WebP);
        let mut webp = WebP::from_bytes(plain.into()).unwrap();
        let head = [SAYS_EXIF | SAYS_XMP, 0, 0, 0, 39, 0, 0, 29, 0, 0];
        let part = |id: &[u8; 4], data: Vec<u8>| RiffChunk::new(*id, RiffContent::Data(data.into()));
        webp.chunks_mut().insert(0, part(b"VP8X", head.to_vec()));
        webp.chunks_mut().push(part(b"EXIF", b"52.5200 N".to_vec()));
        webp.chunks_mut()
            .push(part(b"XMP ", b"<x>52.5200 N</x>".to_vec()));
        let content = webp.encoder().bytes().to_vec();
        assert!(has(&content, "52.5200"));
        let picture = cleaned(FileKind::Webp, &content).unwrap();
        assert!(!has(&picture.content, "52.5200"));
        assert_eq!(picture.content[20], 0, "the head says so, too");
        assert_eq!(
            decoded(ImageFormat::WebP, &picture.content).unwrap().0,
            seen(40, 30)
        );
    }

    #[test]
    fn a_gif_keeps_its_frames_only() {
        let mut content = Vec::new();
        let mut encoder = gif::Encoder::new(&mut content, 2, 1, &[0, 0, 0, 255, 255, 255]).unwrap();
        encoder.set_repeat(gif::Repeat::Infinite).unwrap();
        for pixels in [[0_u8, 1], [1, 0]] {
            let mut frame = gif::Frame::from_indexed_pixels(2, 1, pixels.to_vec(), None);
            frame.delay = 20;
            encoder.write_frame(&frame).unwrap();
        }
        encoder
            .write_raw_extension(gif::AnyExtension(0xfe), &[b"52.5200 N"])
            .unwrap();
        drop(encoder);
        assert!(has(&content, "52.5200"));
        let picture = cleaned(FileKind::Gif, &content).unwrap();
        assert!(!has(&picture.content, "52.5200"));
        let mut decoder = gif::DecodeOptions::new().read_info(&picture.content[..]).unwrap();
        assert_eq!(decoder.repeat(), gif::Repeat::Infinite);
        let first = decoder.read_next_frame().unwrap().unwrap();
        assert_eq!((first.delay, first.buffer.to_vec()), (20, vec![0, 1]));
        let second = decoder.read_next_frame().unwrap().unwrap();
        assert_eq!(second.buffer.to_vec(), [1, 0]);
    }

    #[test]
    fn what_is_large_has_a_small_one_that_stands_upright() {
        let light = cleaned(FileKind::Png, &written(&seen(1_280, 100), ImageFormat::Png)).unwrap();
        assert_eq!(light.preview, None);
        let mut wide = cleaned(FileKind::Jpeg, &written(&seen(2_560, 640), ImageFormat::Jpeg)).unwrap();
        let (kind, small) = wide.preview.take().unwrap();
        assert_eq!(kind, FileKind::Jpeg);
        let (small, _) = decoded(ImageFormat::Jpeg, &small).unwrap();
        assert_eq!((small.width(), small.height()), (1_280, 320));
        let glass = RgbaImage::from_pixel(1_400, 10, Rgba([0, 0, 0, 0]));
        let glass = written(&DynamicImage::ImageRgba8(glass), ImageFormat::Png);
        let (kind, _) = cleaned(FileKind::Png, &glass).unwrap().preview.unwrap();
        assert_eq!(kind, FileKind::Png, "what one sees through stays so");
        let turned = preview(seen(2_560, 640), Orientation::Rotate90, 0)
            .unwrap()
            .unwrap()
            .1;
        let (turned, _) = decoded(ImageFormat::Jpeg, &turned).unwrap();
        assert_eq!((turned.width(), turned.height()), (320, 1_280));
    }

    #[test]
    fn what_is_no_image_is_refused() {
        for (kind, content) in [
            (FileKind::Png, &b"\x89PNG\r\n\x1a\nno more"[..]),
            (FileKind::Jpeg, b"\xff\xd8\xff\xe0"),
            (FileKind::Webp, b"RIFF\x10\0\0\0WEBPVP8 "),
            (FileKind::Gif, b"GIF89a"),
        ] {
            assert_eq!(cleaned(kind, content).err(), Some(Refused::Broken), "{kind}");
        }
        // A few bytes that claim to be ten thousand million points.
        let mut bomb = written(&seen(1, 1), ImageFormat::Png);
        bomb[16..24].copy_from_slice(&[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20]);
        assert!(matches!(
            cleaned(FileKind::Png, &bomb),
            Err(Refused::TooManyPixels | Refused::Broken)
        ));
    }
}
