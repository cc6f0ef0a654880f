// Paints one layer with a camera {scale, left, top} in device pixels.

const PAINTERS = { image: paintImage, styles: paintStyles, regions: paintRegions };

function paintLayer(context, layer, camera, scene) {
  context.save();
  context.globalAlpha = layer.state.opacity;
  PAINTERS[layer.kind](context, layer, camera, scene);
  context.restore();
}

// Nearest neighbour when enlarging keeps pixels crisp; smoothing when shrinking avoids moiré.
function drawPixels(context, source, camera, scene) {
  context.imageSmoothingEnabled = camera.scale < 1;
  const { scale, left, top } = camera;
  context.drawImage(source, left, top, scene.width * scale, scene.height * scale);
}

function paintImage(context, layer, camera, scene) {
  drawPixels(context, scene.decoded[layer.blob], camera, scene);
}

function paintStyles(context, layer, camera, scene) {
  const { fill, masks } = themedPixels(layer, scene);
  drawPixels(context, fill, camera, scene);
  for (const { mask, style } of masks) {
    const sheet = scene.scratch(context.canvas.width, context.canvas.height);
    const ink = sheet.getContext("2d");
    ink.globalCompositeOperation = "copy";
    drawPixels(ink, mask, camera, scene);
    ink.globalCompositeOperation = "source-in";
    const pattern = ink.createPattern(patternTile(style.pattern, style.ink, camera.ratio), "repeat");
    pattern.setTransform(new DOMMatrix().translate(camera.left, camera.top));
    ink.fillStyle = pattern;
    ink.fillRect(0, 0, sheet.width, sheet.height);
    context.drawImage(sheet, 0, 0);
  }
}

// The fill colours, and a mask per patterned style, at one canvas pixel per image pixel; made once per theme.
function themedPixels(layer, scene) {
  const stamp = `${layer.digest}-${scene.theme.dark}-${JSON.stringify(layer.styles)}`;
  const known = scene.painted.get(stamp);
  if (known) return known;
  const styles = layer.styles.map((style) => themedStyle(style, scene.theme));
  const numbers = scene.decoded[layer.blob];
  const fill = pixelCanvas(scene, numbers, (number) => (styles[number] ? parseColour(styles[number].fill) : null));
  const masks = styles
    .map((style, number) => ({ style, number }))
    .filter(({ style, number }) => style.pattern !== "none" && layer.present.includes(number))
    .map(({ style, number }) => ({
      style,
      mask: pixelCanvas(scene, numbers, (value) => (value === number ? [0, 0, 0] : null)),
    }));
  const result = { fill, masks };
  scene.painted.set(stamp, result);
  return result;
}

function pixelCanvas(scene, numbers, colourOf) {
  const canvas = makeCanvas(scene.width, scene.height);
  const context = canvas.getContext("2d");
  const picture = context.createImageData(scene.width, scene.height);
  const colours = new Uint8ClampedArray(4 * 256); // transparent where a number has no colour
  for (let number = 0; number < 256; number++) {
    const colour = colourOf(number);
    if (colour) colours.set([...colour, 255], 4 * number);
  }
  const packed = new Uint32Array(colours.buffer);
  const pixels = new Uint32Array(picture.data.buffer);
  for (let index = 0; index < numbers.length; index++) pixels[index] = packed[numbers[index]];
  context.putImageData(picture, 0, 0);
  return canvas;
}

function paintRegions(context, layer, camera, scene) {
  const boxes = scene.regions.rectangles.map((rectangle) => regionBox(rectangle, camera));
  boxes.forEach(([x, y, width, height], index) => {
    const [red, green, blue, alpha] = layer.preview?.get(index)?.colour ?? layer.colours[index];
    context.fillStyle = `rgba(${red}, ${green}, ${blue}, ${alpha / 255})`;
    context.fillRect(x, y, width, height);
  });
  if (!layer.labels) return;
  context.globalAlpha = 1;
  context.textAlign = "center";
  context.textBaseline = "middle";
  boxes.forEach(([x, y, width, height], index) => {
    const label = layer.preview?.get(index)?.label ?? layer.labels[index];
    const size = Math.min(15 * camera.ratio, height * 0.5, (width / Math.max(3, label.length)) * 1.5);
    if (size < 7 * camera.ratio) return;
    context.font = `600 ${size}px ${scene.theme.font}`;
    haloText(context, label, x + width / 2, y + height / 2, camera.ratio);
  });
}

// [x, y, width, height] of a [top, left, bottom, right] rectangle on whole device pixels.
function regionBox([top, left, bottom, right], camera) {
  const x = Math.round(left * camera.scale + camera.left);
  const y = Math.round(top * camera.scale + camera.top);
  return [
    x,
    y,
    Math.round(right * camera.scale + camera.left) - x,
    Math.round(bottom * camera.scale + camera.top) - y,
  ];
}

function outlineRegions(context, scene, camera) {
  const boxes = scene.regions.rectangles.map((rectangle) => regionBox(rectangle, camera));
  for (const [style, width] of [["rgba(0, 0, 0, 0.35)", 2.5], ["rgba(255, 255, 255, 0.65)", 1]]) {
    context.strokeStyle = style;
    context.lineWidth = width * camera.ratio;
    for (const box of boxes) context.strokeRect(...box);
  }
}
