// A still life by a window: jug, bowl of fruit, wine glass and a striped cloth.
// One unit is a centimetre; y is up, the camera looks along +z, the table top is y = 0.
// `render.sh` beside this file renders it to still-life.png.
#version 3.7;
#include "functions.inc"

global_settings {
  assumed_gamma 1.0
  max_trace_level 12
  radiosity {
    pretrace_start 0.08
    pretrace_end 0.01
    count 120
    nearest_count 8
    error_bound 0.6
    recursion_limit 2
    low_error_factor 0.6
    gray_threshold 0.0
    minimum_reuse 0.012
    brightness 1.0
    normal on
  }
}
#default { finish { ambient 0 diffuse 0.8 } }

camera {
  location <5, 34, -90>
  look_at <1.5, 13.4, 0>
  right x * 4 / 3
  angle 37.5
}

// ---------------------------------------------------------------- light

// Late sun through a window on the left. The glazing bars stand far enough from the wall
// that their shadows arrive soft.
light_source {
  <-260, 190, -190> rgb <1.0, 0.81, 0.57> * 3.3
  area_light <12, 0, -12>, <0, 17, 0>, 5, 5 adaptive 1 jitter circular orient
}
#declare Bars = union {
  #local K = -4;
  #while (K <= 4)
    box { <K * 15 - 1.3, -70, -1>, <K * 15 + 1.3, 70, 1> }
    box { <-70, K * 18 - 1.3, -1>, <70, K * 18 + 1.3, 1> }
    #local K = K + 1;
  #end
  // The wall around the opening.
  difference {
    box { <-300, -300, -1>, <300, 300, 1> }
    box { <-45, -54, -2>, <30, 36, 2> }
  }
  pigment { rgb 0.5 }
  no_image
  no_reflection
  no_radiosity
}
object { Bars rotate y * 53 translate <-79, 76, -36> }

// The blue sky in the same window: weak, and very soft.
light_source {
  <-95, 75, -75> rgb <0.62, 0.77, 1.0> * 0.95
  area_light <60, 0, -40>, <0, 60, 0>, 5, 5 adaptive 1 jitter
  fade_distance 130 fade_power 2
}
// The dim room behind the camera, which the glazes and the glass mirror, and a bright window in it.
sky_sphere {
  pigment {
    gradient y
    color_map { [0 rgb <0.10, 0.08, 0.065>] [0.5 rgb <0.16, 0.135, 0.12>] [1 rgb <0.22, 0.20, 0.18>] }
    scale 2 translate -1
  }
}
union {
  box { <-20, -28, 0>, <-1.5, -1.5, 0.2> }
  box { <1.5, -28, 0>, <20, -1.5, 0.2> }
  box { <-20, 1.5, 0>, <-1.5, 28, 0.2> }
  box { <1.5, 1.5, 0>, <20, 28, 0.2> }
  pigment { rgb 1 }
  finish { emission <1.5, 1.75, 2.1> diffuse 0 }
  no_shadow
  no_image
  rotate y * -58
  translate <-92, 62, -62>
}

// ---------------------------------------------------------------- tools

// A smooth mesh through (FX, FY, FZ)(u, v) for u, v in 0..1.
#macro Surface(FX, FY, FZ, NU, NV)
  mesh2 {
    vertex_vectors {
      (NU + 1) * (NV + 1)
      #local J = 0;
      #while (J <= NV)
        #local I = 0;
        #while (I <= NU)
          , <FX(I / NU, J / NV), FY(I / NU, J / NV), FZ(I / NU, J / NV)>
          #local I = I + 1;
        #end
        #local J = J + 1;
      #end
    }
    normal_vectors {
      (NU + 1) * (NV + 1)
      #local D = 0.001;
      #local J = 0;
      #while (J <= NV)
        // Poles have no tangent along u: step just inside.
        #local V = min(1 - 2 * D, max(2 * D, J / NV));
        #local I = 0;
        #while (I <= NU)
          #local U = I / NU;
          #local A = <FX(U + D, V) - FX(U - D, V), FY(U + D, V) - FY(U - D, V), FZ(U + D, V) - FZ(U - D, V)>;
          #local B = <FX(U, V + D) - FX(U, V - D), FY(U, V + D) - FY(U, V - D), FZ(U, V + D) - FZ(U, V - D)>;
          #local N = vcross(A, B);
          #if (vlength(N) < 1e-12) #local N = y; #end
          , vnormalize(N)
          #local I = I + 1;
        #end
        #local J = J + 1;
      #end
    }
    uv_vectors {
      (NU + 1) * (NV + 1)
      #local J = 0;
      #while (J <= NV)
        #local I = 0;
        #while (I <= NU)
          , <I / NU, J / NV>
          #local I = I + 1;
        #end
        #local J = J + 1;
      #end
    }
    face_indices {
      NU * NV * 2
      #local J = 0;
      #while (J < NV)
        #local I = 0;
        #while (I < NU)
          #local P = J * (NU + 1) + I;
          , <P, P + 1, P + NU + 1>, <P + 1, P + NU + 2, P + NU + 1>
          #local I = I + 1;
        #end
        #local J = J + 1;
      #end
    }
    // Only closed meshes have an inside; the others are never cut.
    inside_vector <0.3, 1, 0.2>
  }
#end

#declare Step = function(q) { select(q, 0, select(q - 1, q * q * (3 - 2 * q), 1)) }
#declare Bump = function(q) { exp(-q * q) }

// ---------------------------------------------------------------- room

plane {
  z, 44
  texture {
    pigment {
      function { 0.55 * f_noise3d(x * 0.035, y * 0.045, 3) + 0.3 * f_noise3d(x * 0.13, y * 0.16, 9) + 0.15 * f_noise3d(x * 0.6, y * 0.5, 1) }
      color_map {
        [0.25 srgb <0.40, 0.44, 0.42>]
        [0.45 srgb <0.52, 0.55, 0.50>]
        [0.60 srgb <0.60, 0.60, 0.53>]
        [0.78 srgb <0.68, 0.64, 0.54>]
      }
    }
    normal {
      average
      normal_map {
        [1.0 bumps 0.9 scale <7, 5, 5>]
        [1.0 granite 0.35 scale 9]
        [0.7 wrinkles 0.6 scale 2.2]
      }
    }
    finish { diffuse 0.75 }
  }
  // Fine cracks and worn patches in the plaster.
  texture {
    pigment {
      crackle
      turbulence 0.35
      color_map {
        [0.000 srgbt <0.34, 0.34, 0.30, 0.55>]
        [0.006 srgbt <0.34, 0.34, 0.30, 0.85>]
        [0.011 rgbt 1]
      }
      scale 26
      translate <7, 3, 0>
    }
  }
}

#declare Wood = texture {
  pigment {
    function { 0.5 + 0.5 * sin(26 * f_noise3d(x * 0.018, y * 0.4, z * 0.16) + 0.9 * z + 3 * f_noise3d(x * 0.06, 2, z * 0.9)) }
    color_map {
      [0.0 srgb <0.20, 0.105, 0.055>]
      [0.5 srgb <0.34, 0.19, 0.10>]
      [0.8 srgb <0.42, 0.245, 0.13>]
      [1.0 srgb <0.30, 0.16, 0.08>]
    }
  }
  normal { wood 0.12 turbulence 0.3 scale <9, 1, 0.5> rotate x * 3 }
  finish { diffuse 0.8 specular 0.18 roughness 0.03 reflection { 0.01, 0.14 fresnel on } conserve_energy }
}
#declare Plank = 0;
#while (Plank < 5)
  superellipsoid {
    <0.03, 0.03>
    scale <70, 1.6, 5.92>
    texture { Wood translate <Plank * 137, Plank * 11, Plank * 31> }
    interior { ior 1.45 }
    translate <0, -1.6, -13 + Plank * 11.9>
  }
  #declare Plank = Plank + 1;
#end
box { <-70, -14, -17>, <70, -3, -16> texture { Wood rotate x * 90 } interior { ior 1.45 } }

// ---------------------------------------------------------------- cloth

#declare EdgeZ = -19.0;
// Height of the cloth on the table: long soft folds, pressed flat under what stands on it.
#declare Free = function(x, z) {
  Step((sqrt(pow(x - 9, 2) + pow(z - 3, 2)) - 6.3) / 6) * Step((sqrt(pow(x + 4.5, 2) + pow(z + 9.5, 2)) - 2.5) / 4)
}
#declare Lie = function(x, z) {
  0.14 + Free(x, z) * (
    2.6 * Bump((x * 0.80 + z * 0.60 - 17.5 + 1.4 * sin(z * 0.22)) / 1.35) * Step((4 - z) / 12)
    + 1.8 * Bump((x * 0.86 + z * 0.50 - 11.6 + 1.0 * sin(z * 0.3 + 1)) / 1.0) * Step((-2 - z) / 9)
    + 1.9 * Bump((x * 0.97 - z * 0.25 + 8.2 + 0.9 * sin(z * 0.28)) / 1.2) * Step((2 - z) / 10)
    + 1.2 * Bump((x * 0.6 - z * 0.8 - 3.0 + 0.8 * sin(x * 0.3)) / 1.1) * Step((-3 - z) / 8)
    + 1.3 * Bump((x * 0.5 + z * 0.86 - 16.0 + 0.9 * sin(x * 0.4)) / 1.3) * Step((x - 9) / 8)
    + 0.9 * (f_noise3d(x * 0.16, 5, z * 0.16) - 0.35)
  )
}
// Over the edge: an arc of radius 1.4, then straight down in waves.
#declare Over = function(q) { min(max(0, q) / 1.4, pi / 2) }
#declare Drop = function(q) { max(0, q - 1.4 * pi / 2) }
#declare CX = function(u, v) { -13.5 + 36 * u + 3.0 * (v - 0.5) + 0.7 * sin(9 * v) * (1 - 2 * u) }
#declare CT = function(u, v) { 26 - 58 * v + 3.5 * u }
#declare CZ = function(u, v) {
  max(EdgeZ, CT(u, v)) - 1.4 * sin(Over(EdgeZ - CT(u, v)))
  - Step(Drop(EdgeZ - CT(u, v)) / 9) * (1.5 + 1.3 * sin(CX(u, v) * 0.78 + 2.2 * f_noise3d(CX(u, v) * 0.2, 3, 1)))
  - Lie(CX(u, v), EdgeZ) * sin(Over(EdgeZ - CT(u, v))) * 0.8
}
#declare CY = function(u, v) {
  Lie(CX(u, v), max(EdgeZ, CT(u, v))) * cos(Over(EdgeZ - CT(u, v)))
  - 1.4 * (1 - cos(Over(EdgeZ - CT(u, v)))) - Drop(EdgeZ - CT(u, v))
}
// Linen: u, v of the mesh in centimetres, so that stripes follow the folds.
#declare Stripe = function(s, at, half) { Step((half - abs(s - at)) / 0.12) }
#declare Stripes = function(s) { Stripe(s, 0, 0.85) + Stripe(s, 1.9, 0.28) + Stripe(s, -1.9, 0.28) }
#declare Linen = function(s) { Stripes(s - 3.2) + Stripes(s - 13) + Stripes(s - 23) + Stripes(s - 32.8) }
#declare Hem = function(s) { Stripes(s - 3.4) + Stripes(s - 54.6) + Stripes(s - 46) }
#declare Thread = function(a, b) { 0.82 + 0.12 * sin(a * 21) * sin(b * 21) + 0.22 * (f_noise3d(a * 2.5, b * 9, 0) - 0.5) + 0.22 * (f_noise3d(a * 9, b * 2.5, 4) - 0.5) }
object {
  Surface(CX, CY, CZ, 150, 260)
  texture {
    uv_mapping
    pigment {
      function { min(0.999, max(0, 0.5 * min(1, Linen(x * 36)) + 0.33 * min(1, Hem(y * 58)) + 0.12 * (1 - Thread(x * 36, y * 58)))) }
      color_map {
        [0.00 srgb <0.93, 0.90, 0.82>]
        [0.07 srgb <0.82, 0.78, 0.69>]
        [0.30 srgb <0.70, 0.42, 0.36>]
        [0.50 srgb <0.64, 0.17, 0.13>]
        [0.85 srgb <0.44, 0.07, 0.07>]
        [1.00 srgb <0.36, 0.05, 0.06>]
      }
    }
    finish { diffuse 0.82 }
  }
}

// ---------------------------------------------------------------- fruit

#declare AR = function(v) { sin(pi * v) * (1.0 + 0.10 * cos(pi * v)) }
#declare AY = function(v) { 0.90 * cos(pi * v) - 0.40 * Bump(AR(v) / 0.30) * select(v - 0.5, 1, 0) + 0.20 * Bump(AR(v) / 0.25) * select(v - 0.5, 0, 1) }
#declare Lobe = function(u, v) { 1 + 0.035 * cos(10 * pi * u + 0.6) * Step(v * 1.6 - 0.4) + 0.02 * sin(2 * pi * u) }
#declare AppleX = function(u, v) { AR(v) * Lobe(u, v) * cos(2 * pi * u) }
#declare AppleZ = function(u, v) { AR(v) * Lobe(u, v) * sin(2 * pi * u) }
#declare AppleY = function(u, v) { AY(v) + 0.04 * cos(10 * pi * u) * Step((v - 0.75) * 5) * AR(v) }
#declare AppleMesh = Surface(AppleX, AppleY, AppleZ, 60, 48)
// Streaks run from pole to pole: noise on the circle of longitude, stretched along y.
#declare Ring = function(x, z) { sqrt(x * x + z * z) + 0.001 }
#declare Streak = function(x, y, z, k, s) { f_noise3d(x / Ring(x, z) * k + s, y * 0.9, z / Ring(x, z) * k) }
#declare Skin = finish { diffuse 0.75 specular 0.30 roughness 0.012 reflection { 0.0, 0.35 fresnel on } conserve_energy }

#macro Apple(Seed, Blush)
  union {
    object {
      AppleMesh
      texture {
        pigment {
          function {
            Blush + 0.42 * x + 0.22 * y + 0.55 * (Streak(x, y, z, 6, Seed) - 0.5) + 0.30 * (Streak(x, y, z, 20, Seed) - 0.5)
            + 0.5 * (f_noise3d(x * 1.3 + Seed, y * 1.3, z * 1.3) - 0.5) - 0.9 * Bump(Ring(x, z) / 0.28) * select(y, 0, 1)
          }
          color_map {
            [0.05 srgb <0.66, 0.68, 0.22>]
            [0.28 srgb <0.84, 0.74, 0.28>]
            [0.45 srgb <0.86, 0.50, 0.17>]
            [0.62 srgb <0.76, 0.17, 0.10>]
            [0.95 srgb <0.50, 0.045, 0.06>]
          }
        }
        finish { Skin }
      }
      // Lenticels.
      texture {
        pigment {
          cells
          color_map { [0.93 rgbt 1] [0.93 srgbt <0.92, 0.80, 0.50, 0.45>] }
          scale 0.045
          turbulence 0.02
        }
        finish { Skin }
      }
      interior { ior 1.42 }
    }
    sphere_sweep {
      cubic_spline 5
      <0, 0.2, 0>, 0.045, <0, 0.42, 0>, 0.04, <0.03, 0.75, 0.02>, 0.042, <0.14, 1.08, 0.05>, 0.07, <0.2, 1.3, 0.1>, 0.07
      pigment { srgb <0.26, 0.17, 0.09> }
    }
    scale 3.7
  }
#end

#macro Orange(Seed)
  union {
    sphere {
      0, 1
      scale <1, 0.94, 1>
      texture {
        pigment {
          function { 0.5 + 0.6 * (f_noise3d(x * 1.2 + Seed, y * 1.2, z * 1.2) - 0.5) - 0.5 * Bump(Ring(x, z) / 0.14) * select(y, 0, 1) + 0.25 * (f_noise3d(x * 26, y * 26, z * 26 + Seed) - 0.5) }
          color_map {
            [0.1 srgb <0.62, 0.46, 0.12>]
            [0.35 srgb <0.93, 0.47, 0.055>]
            [0.8 srgb <0.90, 0.36, 0.03>]
          }
        }
        normal { bumps 0.45 scale 0.065 }
        finish { diffuse 0.78 specular 0.22 roughness 0.03 reflection { 0, 0.22 fresnel on } conserve_energy }
      }
      interior { ior 1.42 }
    }
    // The calyx, a small dull star.
    #local K = 0;
    #while (K < 5)
      sphere { 0, 1 scale <0.10, 0.025, 0.05> translate <0.08, 0.935, 0> rotate y * K * 72 pigment { srgb <0.36, 0.40, 0.18> } }
      #local K = K + 1;
    #end
    scale 3.8
  }
#end

#declare PearR = function { spline { natural_spline 0.00, <0.001, 3.02, 0> 0.06, <0.17, 2.98, 0> 0.18, <0.36, 2.66, 0> 0.32, <0.46, 2.12, 0> 0.46, <0.66, 1.55, 0> 0.60, <0.96, 0.96, 0> 0.72, <1.05, 0.50, 0> 0.84, <0.90, 0.10, 0> 0.94, <0.48, -0.12, 0> 1.00, <0.001, -0.06, 0> } }
#declare PearX = function(u, v) { max(0, PearR(v).x) * cos(2 * pi * u) * (1 + 0.03 * cos(6 * pi * u)) + 0.05 * sin(PearR(v).y * 1.4) }
#declare PearY = function(u, v) { PearR(v).y }
#declare PearZ = function(u, v) { max(0, PearR(v).x) * sin(2 * pi * u) }
#declare PearMesh = Surface(PearX, PearY, PearZ, 48, 56)
#macro Pear(Seed)
  union {
    object {
      PearMesh
      texture {
        pigment {
          function { 0.40 - 0.34 * x + 0.8 * (f_noise3d(x * 1.1 + Seed, y * 1.1, z * 1.1) - 0.5) + 0.45 * (Streak(x, y, z, 9, Seed) - 0.5) - 0.12 * (y - 1.2) }
          color_map {
            [0.05 srgb <0.50, 0.56, 0.16>]
            [0.40 srgb <0.74, 0.70, 0.24>]
            [0.65 srgb <0.84, 0.68, 0.25>]
            [0.95 srgb <0.78, 0.36, 0.14>]
          }
        }
        finish { diffuse 0.78 specular 0.16 roughness 0.03 reflection { 0, 0.16 fresnel on } conserve_energy }
      }
      texture {
        pigment {
          function { f_noise3d(x * 11, y * 11, z * 11 + Seed) + 0.35 * Bump((y - 3) / 0.5) + 0.2 * Bump((y + 0.1) / 0.25) }
          color_map { [0.70 rgbt 1] [0.78 srgbt <0.42, 0.28, 0.10, 0.35>] }
        }
        finish { diffuse 0.8 }
      }
      interior { ior 1.4 }
    }
    sphere_sweep {
      cubic_spline 5
      <0, 2.6, 0>, 0.06, <0, 2.9, 0>, 0.07, <0.05, 3.3, 0.02>, 0.06, <0.24, 3.72, 0.05>, 0.09, <0.4, 4, 0.1>, 0.09
      pigment { srgb <0.30, 0.19, 0.10> }
    }
    scale 3.15
  }
#end

#declare LemonR = function { spline { natural_spline 0.00, <0.001, 1.52, 0> 0.05, <0.15, 1.48, 0> 0.13, <0.30, 1.26, 0> 0.28, <0.74, 0.88, 0> 0.5, <1.0, 0.0, 0> 0.72, <0.76, -0.86, 0> 0.87, <0.30, -1.20, 0> 0.95, <0.16, -1.32, 0> 1.00, <0.001, -1.34, 0> } }
#declare LemonX = function(u, v) { max(0, LemonR(v).x) * cos(2 * pi * u) }
#declare LemonY = function(u, v) { LemonR(v).y }
#declare LemonZ = function(u, v) { max(0, LemonR(v).x) * sin(2 * pi * u) }
#declare LemonMesh = Surface(LemonX, LemonY, LemonZ, 44, 44)
#declare Peel = texture {
  pigment { bozo scale 0.5 color_map { [0.2 srgb <0.95, 0.76, 0.10>] [0.8 srgb <0.90, 0.68, 0.05>] } }
  normal { bumps 0.5 scale 0.085 }
  finish { diffuse 0.82 specular 0.25 roughness 0.03 reflection { 0, 0.2 fresnel on } conserve_energy }
}
#declare Lemon = object { LemonMesh texture { Peel } interior { ior 1.42 } scale 2.75 }
// A cut half, its face in the plane y = 0: rind, pith, ten segments with radial pulp.
#declare Turn = function(x, z) { mod(atan2(z, x) / (2 * pi) * 10 + 20.3, 1) - 0.5 }
#declare Pulp = function(x, z) {
  Step((0.80 - Ring(x, z)) / 0.035) * Step((Ring(x, z) - 0.07) / 0.05) * Step((0.5 - abs(Turn(x, z))) * Ring(x, z) * 0.63 / 0.03 - 0.6)
}
#declare HalfLemon = union {
  intersection {
    object { LemonMesh texture { Peel } }
    plane { y, 0 texture { Peel } }
    interior { ior 1.42 }
  }
  disc {
    <0, 0.004, 0>, y, 0.995
    texture {
      pigment {
        function { Pulp(x, z) * (0.62 + 0.38 * f_noise3d(Turn(x, z) * 22, Ring(x, z) * 4, floor(atan2(z, x) * 1.5915 + 20.3))) + 0.10 * Step((Ring(x, z) - 0.93) / 0.03) }
        color_map {
          [0.00 srgb <0.96, 0.93, 0.76>]
          [0.10 srgb <0.95, 0.84, 0.30>]
          [0.55 srgb <0.93, 0.80, 0.32>]
          [0.80 srgb <0.88, 0.70, 0.16>]
          [1.00 srgb <0.97, 0.88, 0.48>]
        }
      }
      normal { bumps 0.5 scale <0.05, 0.05, 0.05> }
      finish { diffuse 0.85 specular 0.5 roughness 0.02 reflection { 0.02, 0.25 fresnel on } }
    }
    interior { ior 1.36 }
  }
  scale 2.75
}

// Grapes: dark skin under a pale bloom. Laid in a loose heap that narrows to the right.
#declare Grape = sphere {
  0, 1
  scale <1, 1.12, 1>
  texture {
    pigment { bozo scale 0.7 turbulence 0.4 color_map { [0.2 srgb <0.15, 0.03, 0.09>] [0.8 srgb <0.26, 0.06, 0.17>] } }
    finish { diffuse 0.8 specular 0.5 roughness 0.008 reflection { 0.01, 0.4 fresnel on } conserve_energy }
  }
  texture {
    pigment { bumps scale 0.5 turbulence 0.7 color_map { [0.45 rgbt 1] [0.9 srgbt <0.55, 0.52, 0.68, 0.66>] } }
    finish { diffuse 0.8 }
  }
  interior { ior 1.4 }
}
#declare GS = seed(41);
#macro Row(Y, X0, X1, Z0, Z1, Skip)
  #local GX = X0;
  #while (GX <= X1)
    #local Along = (GX - X0) / max(0.01, X1 - X0);
    #local Half = (Z1 - Z0) / 2 * (1 - 0.75 * Along * Along) * min(1, 0.55 + Along * 2);
    #local GZ = (Z0 + Z1) / 2 - Half + rand(GS) * 0.5;
    #while (GZ <= (Z0 + Z1) / 2 + Half)
      #if (rand(GS) > Skip)
        object {
          Grape
          rotate <rand(GS) * 360, rand(GS) * 360, 0>
          scale 1.0 + 0.16 * (rand(GS) - 0.5)
          translate <GX + 0.5 * (rand(GS) - 0.5), Y + 0.3 * (rand(GS) - 0.5) , GZ + 0.3 * (rand(GS) - 0.5)>
        }
      #end
      #local GZ = GZ + 1.85;
    #end
    #local GX = GX + 1.75;
  #end
#end
#declare Stalk = texture { pigment { srgb <0.42, 0.36, 0.16> } finish { diffuse 0.8 } }
#declare Grapes = union {
  Row(1.05, -6.5, 6, -3.4, 3.4, 0.02)
  Row(2.35, -5.6, 4.2, -2.5, 2.5, 0.04)
  Row(3.6, -4.8, 1.6, -1.6, 1.6, 0.1)
  sphere_sweep {
    cubic_spline 6
    <-1, 3, 0>, 0.2, <-3, 4.4, 0>, 0.2, <-5.2, 5.4, 0.4>, 0.22, <-7.0, 5.6, 0.9>, 0.26, <-8.0, 5.2, 1.4>, 0.36, <-9, 5, 2>, 0.4
    texture { Stalk }
  }
}

// ---------------------------------------------------------------- leaves and branch

#declare LeafX = function(u, v) { (u - 0.5) * 2 * 0.30 * sin(pi * pow(v, 0.8)) * (1 + 0.04 * sin(40 * v)) }
#declare LeafY = function(u, v) { 0.35 * abs(u - 0.5) * sin(pi * v) - 0.42 * v * v + 0.03 * sin(18 * v + 8 * u) }
#declare LeafZ = function(u, v) { v }
#declare LeafMesh = Surface(LeafX, LeafY, LeafZ, 10, 24)
#declare Vein = function(u, v) { Bump((u - 0.5) / 0.03) + 0.5 * Bump((mod(v * 9 - 3.0 * abs(u - 0.5) + 9, 1) - 0.5) / 0.10) }
#macro Leaf(Size, Shade)
  object {
    LeafMesh
    texture {
      uv_mapping
      pigment {
        function { min(1, 0.30 * Vein(x, y) + 0.55 * f_noise3d(x * 5, y * 6, Shade * 9) + Shade * 0.4) }
        color_map {
          [0.0 srgb <0.16, 0.28, 0.12>]
          [0.4 srgb <0.30, 0.44, 0.20>]
          [0.7 srgb <0.44, 0.55, 0.28>]
          [1.0 srgb <0.66, 0.68, 0.40>]
        }
      }
      finish { diffuse 0.75 specular 0.22 roughness 0.04 reflection { 0, 0.15 fresnel on } }
    }
    interior { ior 1.4 }
    scale Size
  }
#end
#declare BS = seed(7);
// A branch that rises from the origin and leans towards (DX, DZ).
#macro Branch(DX, DZ, High, Count, LeafSize, Shade)
  #local At = function { spline { natural_spline 0, <0, 0, 0> 0.4, <DX * 0.22, High * 0.42, DZ * 0.22> 0.75, <DX * 0.6, High * 0.78, DZ * 0.6> 1, <DX, High, DZ> } }
  union {
    sphere_sweep {
      cubic_spline 7
      At(-0.1), 0.28, At(0), 0.26, At(0.25), 0.22, At(0.5), 0.18, At(0.75), 0.13, At(1), 0.07, At(1.1), 0.05
      pigment { srgb <0.33, 0.25, 0.14> }
    }
    #local K = 0;
    #while (K < Count)
      #local T = 0.30 + 0.70 * K / (Count - 1);
      object {
        Leaf(LeafSize * (0.75 + 0.5 * rand(BS)) * (1.15 - 0.4 * T), Shade + 0.6 * (rand(BS) - 0.5))
        rotate x * (-48 + 38 * rand(BS))
        rotate y * (K * 137.5 + 40 * rand(BS))
        translate At(T)
      }
      #local K = K + 1;
    #end
  }
#end

// ---------------------------------------------------------------- pottery and glass

#declare JugR = function { spline { natural_spline
  0.00, <0.01, 0.3, 0> 0.06, <4.3, 0.25, 0> 0.09, <4.9, 0.5, 0> 0.15, <5.7, 2.2, 0> 0.28, <7.6, 6.5, 0> 0.40, <8.2, 10.5, 0> 0.52, <7.0, 14.6, 0>
  0.62, <5.0, 18.0, 0> 0.70, <4.3, 20.6, 0> 0.78, <4.6, 23.0, 0> 0.84, <5.2, 24.6, 0> 0.87, <5.2, 25.0, 0> 0.90, <4.8, 24.9, 0> 0.95, <4.1, 23.0, 0> 1.00, <3.6, 20.0, 0> } }
// The lip is drawn out to a spout around u = 0.5, the handle sits opposite.
#declare Spout = function(u, v) { 1 + 0.38 * Bump((u - 0.5) / 0.085) * Step((v - 0.72) / 0.12) - 0.06 * Bump((abs(u - 0.5) - 0.16) / 0.06) * Step((v - 0.72) / 0.12) }
#declare JugX = function(u, v) { max(0.01, JugR(v).x) * Spout(u, v) * cos(2 * pi * u) }
#declare JugY = function(u, v) { JugR(v).y + 0.7 * Bump((u - 0.5) / 0.085) * Step((v - 0.76) / 0.1) + 0.06 * sin(6 * pi * u) }
#declare JugZ = function(u, v) { max(0.01, JugR(v).x) * Spout(u, v) * sin(2 * pi * u) }
#declare Clay = texture {
  pigment { granite scale 3 color_map { [0.2 srgb <0.50, 0.29, 0.17>] [0.7 srgb <0.63, 0.38, 0.24>] [1 srgb <0.42, 0.24, 0.15>] } }
  normal { gradient y 0.25 scale 0.55 turbulence 0.08 }
  finish { diffuse 0.8 }
}
#declare Glaze = texture {
  pigment {
    function { 0.5 + 0.9 * (f_noise3d(x * 0.22, y * 0.10, z * 0.22) - 0.5) + 0.4 * (f_noise3d(x * 1.1, y * 0.35, z * 1.1) - 0.5) - 0.022 * (y - 15) }
    color_map {
      [0.15 srgb <0.035, 0.16, 0.20>]
      [0.50 srgb <0.05, 0.28, 0.31>]
      [0.75 srgb <0.13, 0.40, 0.40>]
      [1.00 srgb <0.36, 0.55, 0.48>]
    }
  }
  normal { bumps 0.10 scale <2.2, 1.0, 2.2> }
  finish { diffuse 0.75 specular 0.6 roughness 0.006 reflection { 0.02, 0.55 fresnel on } conserve_energy }
}
#declare Jug = union {
  object { Surface(JugX, JugY, JugZ, 96, 110) }
  sphere_sweep {
    cubic_spline 9
    <3.0, 23.8, 0>, 0.6, <4.6, 23.2, 0>, 0.75, <6.8, 23.9, 0>, 0.72, <9.3, 22.4, 0>, 0.7, <10.3, 19, 0>, 0.68, <9.7, 15.2, 0>, 0.7, <8.0, 12.6, 0>, 0.85, <7.2, 11.2, 0>, 1.0, <6.6, 10, 0>, 1
    scale <1, 1, 1.35>
  }
  texture {
    // The glaze ran down unevenly and stopped above the foot.
    function { Step((y - 4.4 - 5.0 * (f_noise3d(x * 0.28, 0, z * 0.28) - 0.42) - 1.2 * (f_noise3d(x * 0.9, 4, z * 0.9) - 0.5)) / 0.18) }
    texture_map { [0 Clay] [0.9 Glaze] }
  }
  interior { ior 1.55 }
}

#declare BowlR = function { spline { natural_spline
  0.00, <0.01, 0.4, 0> 0.08, <4.4, 0.1, 0> 0.12, <5.2, 0.1, 0> 0.17, <5.2, 1.0, 0> 0.24, <6.4, 1.7, 0> 0.36, <9.4, 3.8, 0> 0.48, <11.6, 6.5, 0> 0.54, <12.5, 7.9, 0>
  0.565, <12.5, 8.2, 0> 0.59, <12.1, 8.1, 0> 0.66, <11.0, 6.4, 0> 0.78, <8.6, 3.7, 0> 0.90, <5.0, 2.0, 0> 1.00, <0.01, 1.7, 0> } }
#declare BowlX = function(u, v) { BowlR(v).x * cos(2 * pi * u) }
#declare BowlY = function(u, v) { BowlR(v).y }
#declare BowlZ = function(u, v) { BowlR(v).x * sin(2 * pi * u) }
// Brushwork in cobalt on the outside: two lines and a band of leaf-shaped strokes.
#declare Angle = function(x, z) { atan2(z, x) / (2 * pi) }
#declare Wave = function(x, z) { mod(Angle(x, z) * 22 + 22, 1) - 0.5 }
#declare Wobble = function(x, y, z) { 0.5 * (f_noise3d(x * 0.8, y * 0.8, z * 0.8) - 0.5) }
#declare Brush = function(x, y, z) {
  Step((0.16 - abs(y - 7.3 + 0.3 * Wobble(x, 0, z))) / 0.08) + Step((0.10 - abs(y - 2.6 + 0.3 * Wobble(x, 0, z))) / 0.08)
  + Step((0.10 - abs(y - 6.75 + 0.3 * Wobble(x, 0, z))) / 0.08)
  + Step(1.6 - 2.4 * sqrt(pow((Wave(x, z) + 0.35 * sin((y - 4.6) * 0.9)) / 0.26, 2) + pow((y - 4.65 + Wobble(x, y, z)) / 1.75, 2)))
}
#declare Bowl = object {
  Surface(BowlX, BowlY, BowlZ, 96, 80)
  texture {
    pigment {
      function { min(1, Brush(x, y, z) * select(sqrt(x * x + z * z) - (5.6 + 0.87 * y), 0, 1) * (0.75 + 0.8 * (f_noise3d(x * 1.2, y * 1.2, z * 1.2) - 0.4)) + 0.10 * f_noise3d(x * 0.5, y * 0.5, z * 0.5)) }
      color_map {
        [0.00 srgb <0.91, 0.90, 0.86>]
        [0.10 srgb <0.86, 0.86, 0.83>]
        [0.45 srgb <0.35, 0.45, 0.66>]
        [1.00 srgb <0.08, 0.14, 0.42>]
      }
    }
    finish { diffuse 0.82 specular 0.5 roughness 0.008 reflection { 0.01, 0.4 fresnel on } conserve_energy }
  }
  interior { ior 1.5 }
}

#declare Crystal = lathe {
  cubic_spline 27
  <0, -0.6>, <0, 0.0>, <3.2, 0.0>, <3.6, 0.12>, <3.2, 0.34>, <1.6, 0.60>, <0.62, 1.15>, <0.42, 3.0>, <0.42, 6.6>, <0.62, 7.9>,
  <1.7, 8.6>, <3.2, 9.9>, <4.0, 12.2>, <3.95, 15.0>, <3.4, 18.2>, <3.18, 19.3>, <3.11, 19.38>, <3.05, 19.3>, <3.25, 18.2>, <3.78, 15.0>, <3.83, 12.2>,
  <3.04, 10.1>, <1.5, 8.95>, <0.6, 8.6>, <0.2, 8.55>, <0, 8.54>, <0, 8.54>
  pigment { rgbf <0.97, 0.99, 0.98, 0.98> }
  finish { diffuse 0 specular 0.7 roughness 0.002 reflection { 0.02, 1 fresnel on } conserve_energy }
  interior { ior 1.5 }
}
#declare Wine = lathe {
  cubic_spline 12
  <0, 8.5>, <0, 8.52>, <0.6, 8.58>, <1.55, 8.93>, <3.08, 10.08>, <3.86, 12.2>, <3.88, 13.4>, <3.84, 13.62>, <3.7, 13.5>, <2.0, 13.45>, <0, 13.45>, <-1, 13.45>
  pigment { rgbf <0.93, 0.30, 0.22, 0.96> }
  finish { diffuse 0 specular 0.4 roughness 0.004 reflection { 0.01, 0.6 fresnel on } conserve_energy }
  interior { ior 1.34 fade_distance 2.2 fade_power 1001 fade_color rgb <0.75, 0.05, 0.06> }
}

#declare Knife = union {
  prism {
    linear_spline linear_sweep -0.09, 0.09, 8
    <0, -1.0>, <12, -1.0>, <14.2, -0.5>, <15.6, 0.5>, <14.0, 0.62>, <7, 0.7>, <0, 0.75>, <0, -1.0>
    pigment { srgb <0.75, 0.75, 0.74> }
    normal { bumps 0.03 scale <6, 0.2, 0.3> }
    finish { diffuse 0.25 specular 0.8 roughness 0.01 metallic reflection { 0.55 metallic } }
  }
  cylinder { <-0.2, 0, -0.1>, <0.5, 0, -0.1>, 0.85 scale <1, 0.55, 1> pigment { srgb <0.72, 0.58, 0.30> } finish { diffuse 0.3 specular 0.8 metallic reflection { 0.45 metallic } } }
  superellipsoid { <0.35, 0.35> scale <5, 0.55, 0.95> translate <-5, 0, -0.05> texture { Wood scale 0.25 rotate z * 4 } interior { ior 1.45 } }
  translate y * 0.55
}

// ---------------------------------------------------------------- arrangement

object { Jug rotate y * 28 translate <-14, 0, 12> }
object { Branch(-13, 2, 15, 20, 6.4, 0.35) translate <-14, 20, 12> }
object { Branch(13, 4, 13, 20, 6.0, 0.5) translate <-13.5, 20, 12.5> }
object { Branch(1, -3, 15, 18, 5.6, 0.25) translate <-14, 20, 11.5> }

#declare Dish = <9, 0.2, 3>;
object { Bowl rotate y * 20 translate Dish }
object { Orange(3) rotate <-25, 0, 15> translate Dish + <-5.6, 8.3, -2.6> }
object { Apple(1, 0.75) rotate <-22, -20, -12> translate Dish + <2.2, 8.6, -4.6> }
object { Orange(9) rotate <10, 0, -30> translate Dish + <6.9, 8.9, 1.0> }
object { Apple(5, 0.42) rotate <12, 140, 10> translate Dish + <-4.6, 8.6, 4.8> }
object { Pear(2) rotate <0, 40, -16> translate Dish + <0.4, 9.6, 2.4> }
object { Apple(8, 0.85) rotate <20, 60, -20> translate Dish + <4.6, 7.6, 6.2> }
object { Leaf(7, 0.35) rotate <-8, 215, 0> translate Dish + <-6.6, 11.8, -2.6> }
object { Leaf(6, 0.5) rotate <-16, 150, 14> translate Dish + <-5.0, 11.9, -3.0> }

object { Crystal translate <26, 0, 14> }
object { Wine translate <26, 0, 14> }

object { Lemon rotate z * 96 rotate y * 30 translate <-17.5, 2.75, -5.5> }
object { HalfLemon rotate x * -62 rotate y * -24 translate <-10.2, 2.35, -11.5> }
object { Apple(12, 0.6) rotate <8, 200, -9> translate <24.5, 3.2, -7> }
object { Grapes rotate y * 14 translate <6.5, 0.45, -12.0> }
object { Pear(6) rotate z * 82 rotate y * 35 translate <-23.5, 2.9, 4> }
object { Knife rotate y * 24 translate <-19, 0, -14.5> }
