// Takes a message of ui/components/frontend/payload.py apart and decodes blobs not seen before.

function readMessage(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 4 + view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)));
  const blobs = header.blobs.map(([digest, offset, length]) => ({
    digest,
    bytes: bytes.subarray(start + offset, start + offset + length),
  }));
  return { header, blobs };
}

// Decoded blobs by digest. `load` keeps what the new message still uses and drops the rest.
class BlobStore {
  constructor() {
    this.decoded = new Map();
  }

  async load(blobs) {
    const entries = blobs.map(({ digest, bytes }) => {
      const known = this.decoded.get(digest);
      return [digest, known ?? decodeBlob(digest, bytes)];
    });
    const values = await Promise.all(entries.map(([, value]) => value));
    this.decoded = new Map(entries.map(([digest], index) => [digest, values[index]]));
    return values;
  }
}

const ARRAY_TYPES = {
  "|u1": Uint8Array,
  "|i1": Int8Array,
  "<u2": Uint16Array,
  "<i2": Int16Array,
  "<i4": Int32Array,
  "<u4": Uint32Array,
  "<f4": Float32Array,
  "<f8": Float64Array,
};

async function decodeBlob(digest, bytes) {
  const [encoding, type] = digest.split("-");
  if (encoding === "png") {
    return createImageBitmap(new Blob([bytes], { type: "image/png" }));
  }
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const buffer = await new Response(stream).arrayBuffer();
  return new ARRAY_TYPES[type](buffer);
}
