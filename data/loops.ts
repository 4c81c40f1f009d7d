/* The loops where the networks of the page 'Play it here' spend their time, four numbers at once. AssemblyScript;
python data/build_play.py --loops FOLDER compiles it into nbs/play/loops.js. Places are bytes of one memory, which
network.js lays out; all numbers are of single precision. */

// The sum of four.
function total(a: v128): f32 {
  return (
    f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3)
  );
}

// Products of two rows of `size` bytes, a multiple of 16.
function product(row: usize, other: usize, size: usize): f32 {
  let sum = f32x4.splat(0);
  for (let i: usize = 0; i < size; i += 16)
    sum = f32x4.add(sum, f32x4.mul(v128.load(row + i), v128.load(other + i)));
  return total(sum);
}

// Rows of weights times `x`, a vector of `width` numbers, and a bias, which is 0 where there is none.
export function times(weight: usize, bias: usize, x: usize, out: usize, rows: i32, width: i32): void {
  const size = (<usize>width) << 2;
  for (let row: usize = 0; row < <usize>rows; row += 1) {
    const sum = product(weight + row * size, x, size);
    store<f32>(out + (row << 2), bias ? sum + load<f32>(bias + (row << 2)) : sum);
  }
}

// How well each of `count` keys, `stride` bytes apart, answers a query of `width` numbers.
export function answers(query: usize, keys: usize, out: usize, count: i32, width: i32, stride: usize): void {
  const size = (<usize>width) << 2;
  for (let t: usize = 0; t < <usize>count; t += 1)
    store<f32>(out + (t << 2), product(query, keys + t * stride, size));
}

// The sum of `count` values of `width` numbers, each as far as its share goes.
export function collect(shares: usize, values: usize, out: usize, count: i32, width: i32, stride: usize): void {
  const size = (<usize>width) << 2;
  for (let i: usize = 0; i < size; i += 16) {
    let sum = f32x4.splat(0);
    for (let t: usize = 0; t < <usize>count; t += 1) {
      const share = f32x4.splat(load<f32>(shares + (t << 2)));
      sum = f32x4.add(sum, f32x4.mul(share, v128.load(values + t * stride + i)));
    }
    v128.store(out + i, sum);
  }
}
