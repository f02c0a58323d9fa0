// 3x3 convolutions by Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray 2016, arXiv:1509.09308) for CPUs with AVX-512 or AVX2:
// 36 multiplications for 16 outputs instead of 144. Channels last, zero padding of 1, stride 1. Pictures and sums are float32; the factors
// are bfloat16 where the CPU multiplies pairs of those (AVX512_BF16), and float32 elsewhere.
#include <immintrin.h>
#include <torch/extension.h>

#include <cstring>

namespace {

#ifdef __AVX512F__
using Vector = __m512;
constexpr int WIDTH = 16;  // float32 numbers of a vector
constexpr int ROWS = 12;   // rows of the matrix kernel: 24 of the 32 registers are sums

inline Vector load(const float* p) { return _mm512_loadu_ps(p); }
inline void store(float* to, Vector x) { _mm512_storeu_ps(to, x); }
inline Vector all(float x) { return _mm512_set1_ps(x); }
inline Vector add(Vector a, Vector b) { return _mm512_add_ps(a, b); }
inline Vector sub(Vector a, Vector b) { return _mm512_sub_ps(a, b); }
inline Vector mul(Vector a, Vector b) { return _mm512_mul_ps(a, b); }
inline Vector larger(Vector a, Vector b) { return _mm512_max_ps(a, b); }
inline Vector fma(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }    // a b + c
inline Vector fnma(Vector a, Vector b, Vector c) { return _mm512_fnmadd_ps(a, b, c); }  // c - a b
inline Vector where_positive(Vector mask, Vector x) { return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(mask, all(0), _CMP_GT_OQ), x); }
#else
using Vector = __m256;
constexpr int WIDTH = 8;
constexpr int ROWS = 6;  // 12 of the 16 registers are sums

inline Vector load(const float* p) { return _mm256_loadu_ps(p); }
inline void store(float* to, Vector x) { _mm256_storeu_ps(to, x); }
inline Vector all(float x) { return _mm256_set1_ps(x); }
inline Vector add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
inline Vector sub(Vector a, Vector b) { return _mm256_sub_ps(a, b); }
inline Vector mul(Vector a, Vector b) { return _mm256_mul_ps(a, b); }
inline Vector larger(Vector a, Vector b) { return _mm256_max_ps(a, b); }
inline Vector fma(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
inline Vector fnma(Vector a, Vector b, Vector c) { return _mm256_fnmadd_ps(a, b, c); }
inline Vector where_positive(Vector mask, Vector x) { return _mm256_and_ps(_mm256_cmp_ps(mask, all(0), _CMP_GT_OQ), x); }
#endif
constexpr int PANEL = 2 * WIDTH;  // columns of the matrix kernel

#ifdef __AVX512BF16__
using Factor = at::BFloat16;
constexpr int PAIR = 2;  // factors that are multiplied and added at once

inline Vector multiply_add(const Factor* a, const Factor* u, Vector sum) {
  int32_t pair;
  std::memcpy(&pair, a, sizeof pair);
  return _mm512_dpbf16_ps(sum, (__m512bh)_mm512_set1_epi32(pair), (__m512bh)_mm512_loadu_si512(u));
}

inline void store(Factor* to, Vector x) { _mm256_storeu_si256((__m256i*)to, (__m256i)_mm512_cvtneps_pbh(x)); }
#else
using Factor = float;
constexpr int PAIR = 1;

inline Vector multiply_add(const Factor* a, const Factor* u, Vector sum) { return fma(all(*a), load(u), sum); }
#endif

// R rows of v times a panel of u. The number of input channels is a template argument, so that rows lie at constant offsets.
template <int C, int R>
void kernel(const Factor* v, const Factor* u, float* m, int64_t c_out) {
  Vector sum[R][2];
#pragma GCC unroll 12
  for (int r = 0; r < R; r++) sum[r][0] = sum[r][1] = all(0);
#pragma GCC unroll 2
  for (int c = 0; c < C; c += PAIR) {
    const Factor* panel = u + PANEL * c;
#pragma GCC unroll 12
    for (int r = 0; r < R; r++) {
      sum[r][0] = multiply_add(v + r * C + c, panel, sum[r][0]);
      sum[r][1] = multiply_add(v + r * C + c, panel + WIDTH * PAIR, sum[r][1]);
    }
  }
#pragma GCC unroll 12
  for (int r = 0; r < R; r++) {
    store(m + r * c_out, sum[r][0]);
    store(m + r * c_out + WIDTH, sum[r][1]);
  }
}

template <int C, int R>
void remainder(int rows, const Factor* v, const Factor* u, float* m, int64_t c_out) {
  if constexpr (R > 0) {
    if (rows == R) kernel<C, R>(v, u, m, c_out);
    else remainder<C, R - 1>(rows, v, u, m, c_out);
  }
}

// m (tiles, c_out) = v (tiles, C) times u, stored as (c_out / PANEL, C / PAIR, PANEL, PAIR).
template <int C>
void multiply(const Factor* v, const Factor* u, float* m, int64_t tiles, int64_t c_out) {
  for (int64_t k = 0; k < c_out; k += PANEL) {
    int64_t t = 0;
    for (; t + ROWS <= tiles; t += ROWS) kernel<C, ROWS>(v + t * C, u + k * C, m + t * c_out + k, c_out);
    remainder<C, ROWS - 1>(int(tiles - t), v + t * C, u + k * C, m + t * c_out + k, c_out);
  }
}

void multiply(const Factor* v, const Factor* u, float* m, int64_t tiles, int64_t c_in, int64_t c_out) {
  if (c_in == 64) multiply<64>(v, u, m, tiles, c_out);
  if (c_in == 128) multiply<128>(v, u, m, tiles, c_out);
  if (c_in == 256) multiply<256>(v, u, m, tiles, c_out);
  if (c_in == 512) multiply<512>(v, u, m, tiles, c_out);
}

inline void transform_in(const Vector d[6], Vector o[6]) {  // B^T d
  const Vector two = all(2), four = all(4), five = all(5);
  const Vector a = fnma(four, d[2], d[4]), b = fnma(four, d[1], d[3]);
  const Vector e = sub(d[4], d[2]), f = mul(two, sub(d[3], d[1]));
  o[0] = fma(four, d[0], fnma(five, d[2], d[4]));
  o[1] = add(a, b);
  o[2] = sub(a, b);
  o[3] = add(e, f);
  o[4] = sub(e, f);
  o[5] = fma(four, d[1], fnma(five, d[3], d[5]));
}

inline void transform_out(const Vector m[6], Vector o[4]) {  // A^T m
  const Vector a = add(m[1], m[2]), b = sub(m[1], m[2]);
  const Vector c = add(m[3], m[4]), d = sub(m[3], m[4]);
  o[0] = add(m[0], add(a, c));
  o[1] = fma(all(2), d, b);
  o[2] = fma(all(4), c, a);
  o[3] = add(m[5], fma(all(8), d, b));
}

// The 6x6 pixels around tile i, transformed: v[0, step, 2 step ..] get the 36 coefficients of every channel.
void read_tile(const float* x, const float* mask, Factor* v, int64_t i, int64_t h, int64_t w, int64_t channels, int64_t step) {
  const int64_t th = (h + 3) / 4, tw = (w + 3) / 4;
  const int64_t b = i / (th * tw), y0 = i / tw % th * 4 - 1, x0 = i % tw * 4 - 1;
  alignas(64) float zeros[WIDTH] = {};
  int64_t at[6][6];  // -1: outside
  bool inside = y0 >= 0 && x0 >= 0 && y0 + 6 <= h && x0 + 6 <= w;
  for (int k = 0; k < 6; k++)
    for (int j = 0; j < 6; j++) {
      const bool in = inside || (y0 + k >= 0 && y0 + k < h && x0 + j >= 0 && x0 + j < w);
      at[k][j] = in ? ((b * h + y0 + k) * w + x0 + j) * channels : -1;
    }
  for (int64_t c = 0; c < channels; c += WIDTH) {
    Vector half[6][6];
#pragma GCC unroll 6
    for (int j = 0; j < 6; j++) {
      Vector d[6], o[6];
#pragma GCC unroll 6
      for (int k = 0; k < 6; k++) {
        const float* p = at[k][j] < 0 ? zeros : x + at[k][j] + c;
        d[k] = load(p);
        if (mask) {
          const float* q = at[k][j] < 0 ? zeros : mask + at[k][j] + c;
          d[k] = where_positive(load(q), d[k]);
        }
      }
      transform_in(d, o);
#pragma GCC unroll 6
      for (int k = 0; k < 6; k++) half[k][j] = o[k];
    }
#pragma GCC unroll 6
    for (int k = 0; k < 6; k++) {
      Vector o[6];
      transform_in(half[k], o);
#pragma GCC unroll 6
      for (int j = 0; j < 6; j++) store(v + (k * 6 + j) * step + c, o[j]);
    }
  }
}

// The inverse of read_tile for the products: 4x4 pixels of tile i.
void write_tile(const float* m, const float* bias, float* y, int64_t i, int64_t h, int64_t w, int64_t channels, int64_t step, bool relu) {
  const int64_t th = (h + 3) / 4, tw = (w + 3) / 4;
  const int64_t b = i / (th * tw), y0 = i / tw % th * 4, x0 = i % tw * 4;
  const int64_t rows = std::min<int64_t>(4, h - y0), columns = std::min<int64_t>(4, w - x0);
  const Vector least = relu ? all(0) : all(-INFINITY);
  float* out = y + ((b * h + y0) * w + x0) * channels;
  for (int64_t c = 0; c < channels; c += WIDTH) {
    Vector half[4][6];
#pragma GCC unroll 6
    for (int j = 0; j < 6; j++) {
      Vector d[6], o[4];
#pragma GCC unroll 6
      for (int k = 0; k < 6; k++) d[k] = load(m + (k * 6 + j) * step + c);
      transform_out(d, o);
#pragma GCC unroll 4
      for (int k = 0; k < 4; k++) half[k][j] = o[k];
    }
    const Vector offset = bias ? load(bias + c) : all(0);
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) {
      if (k >= rows) break;
      Vector o[4];
      transform_out(half[k], o);
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++)
        if (j < columns) store(out + (k * w + j) * channels + c, larger(add(o[j], offset), least));
    }
  }
}

}  // namespace

// x (B,C,H,W), channels last; u (36, K/PANEL, C/PAIR, PANEL, PAIR); bias (K) or empty. With `mask` (B,C,H,W), x counts where mask > 0 only.
torch::Tensor convolve(const torch::Tensor& x, const torch::Tensor& u, const torch::Tensor& bias, const torch::Tensor& mask, bool relu) {
  const auto last = at::MemoryFormat::ChannelsLast;
  TORCH_CHECK(x.is_contiguous(last) && x.scalar_type() == at::kFloat && u.is_contiguous(), "float32, channels last");
  TORCH_CHECK(!mask.numel() || (mask.is_contiguous(last) && mask.sizes() == x.sizes()), "mask like x");
  const int64_t n = x.size(0), c_in = x.size(1), h = x.size(2), w = x.size(3), c_out = u.size(1) * PANEL;
  TORCH_CHECK(c_in == 64 || c_in == 128 || c_in == 256 || c_in == 512, "channels");
  TORCH_CHECK(u.scalar_type() == c10::CppTypeToScalarType<Factor>::value && u.sizes() == at::IntArrayRef({36, c_out / PANEL, c_in / PAIR, PANEL, PAIR}), "u");
  auto y = torch::empty({n, c_out, h, w}, x.options().memory_format(last));
  const float *px = x.data_ptr<float>(), *pm = mask.numel() ? mask.data_ptr<float>() : nullptr;
  const Factor* pu = u.data_ptr<Factor>();
  const float* pb = bias.numel() ? bias.data_ptr<float>() : nullptr;
  float* py = y.data_ptr<float>();
  const int64_t th = (h + 3) / 4, tw = (w + 3) / 4, tiles = n * th * tw;
  const int64_t most = c_in + c_out > 512 ? 156 : 84;  // tiles whose coefficients stay in the caches, and that pay for reading u
  const int64_t threads = at::get_num_threads(), parts = ((tiles + most - 1) / most + threads - 1) / threads * threads;
  const int64_t chunk = ((tiles + parts - 1) / parts + ROWS - 1) / ROWS * ROWS;
  at::parallel_for(0, (tiles + chunk - 1) / chunk, 1, [=](int64_t from, int64_t to) {
    static thread_local at::Tensor coefficients, products;  // from torch's allocator, which can use huge pages
    const auto room = [](at::Tensor& t, int64_t n, at::ScalarType type) {
      if (!t.defined() || t.numel() < n) t = at::empty({n}, type);
    };
    room(coefficients, 36 * chunk * c_in, c10::CppTypeToScalarType<Factor>::value);
    room(products, 36 * chunk * c_out, at::kFloat);
    Factor* v = coefficients.data_ptr<Factor>();
    float* m = products.data_ptr<float>();
    for (int64_t part = from; part < to; part++) {
      const int64_t first = part * chunk, count = std::min(chunk, tiles - first);
      for (int64_t t = 0; t < count; t++) read_tile(px, pm, v + t * c_in, first + t, h, w, c_in, chunk * c_in);
      for (int k = 0; k < 36; k++) multiply(v + k * chunk * c_in, pu + k * c_in * c_out, m + k * chunk * c_out, count, c_in, c_out);
      for (int64_t t = 0; t < count; t++) write_tile(m + t * c_out, pb, py, first + t, h, w, c_out, chunk * c_out, relu);
    }
  });
  return y;
}

PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {
  m.attr("PAIR") = PAIR;
  m.attr("PANEL") = PANEL;
  m.def("convolve", &convolve, py::call_guard<py::gil_scoped_release>());
}
