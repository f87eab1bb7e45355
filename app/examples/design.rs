//! Writes the page `/design` to standard output, with the assets of `target/site`: the tests of the islands serve it.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/site/manifest.json");
    app::assets::set(serde_json::from_slice(&std::fs::read(manifest)?)?);
    let page = axum::body::to_bytes(app::design::show().await.into_body(), usize::MAX).await?;
    println!("{}", String::from_utf8(page.to_vec())?);
    Ok(())
}
