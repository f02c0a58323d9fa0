// A short film with everything that makes stylised video flicker: a camera that pans over a textured
// ground, things that turn and bounce, edges that cover and uncover each other, and a still, plain sky.
// `clock` runs from 0 to 1 over the film and the motion joins up at its ends, so that it can be looped.
// `render.sh` beside this file renders it to moving/000.png and so on.
#version 3.7;

global_settings { assumed_gamma 1.0 }
#default { finish { ambient 0 emission 0 diffuse 0.8 } }

#declare Turn = 360 * clock;
#declare Sway = sin(2 * pi * clock);

camera {
  location <4.2 * Sway, 7.5, -19>
  look_at <2.6 * Sway, 2.4, 2>
  right x * 4 / 3
  angle 46
}
light_source {
  <-60, 70, -45> rgb <1.0, 0.93, 0.80> * 1.25
  area_light <9, 0, -9>, <0, 13, 0>, 3, 3 adaptive 1 circular orient
}
// What the sky adds from all sides; shadowless, so that it costs nothing.
light_source { <40, 60, -60> rgb <0.55, 0.70, 1.0> * 0.35 shadowless }
sky_sphere {
  pigment { gradient y color_map { [0 srgb <0.93, 0.85, 0.72>] [0.12 srgb <0.62, 0.76, 0.86>] [0.45 srgb <0.30, 0.50, 0.74>] } }
}

// Paving: flat stones with worn colours and dark joints.
box {
  <-60, -1, -40>, <60, 0, 15>
  texture {
    pigment {
      crackle form <-1, 1, 0> metric 2
      turbulence 0.12
      color_map { [0 srgb <0.24, 0.20, 0.16>] [0.10 srgb <0.34, 0.29, 0.23>] [0.16 srgb <0.66, 0.57, 0.44>] [0.6 srgb <0.74, 0.66, 0.52>] [1 srgb <0.60, 0.53, 0.43>] }
      scale 2.1
    }
  }
  texture { pigment { bozo scale 5 turbulence 0.5 color_map { [0.3 rgbt 1] [0.8 srgbt <0.32, 0.36, 0.22, 0.55>] } } }
}
// A brick wall at the back.
box {
  <-40, 0, 14>, <40, 5.2, 16>
  texture {
    pigment { brick srgb <0.80, 0.74, 0.64> srgb <0.63, 0.27, 0.18> brick_size <2.2, 0.8, 1.2> mortar 0.13 }
  }
  texture { pigment { bozo scale 0.9 turbulence 0.6 color_map { [0.3 rgbt 1] [0.8 srgbt <0.2, 0.1, 0.08, 0.5>] } } }
}

// Hills beyond it.
#declare Hill = texture {
  pigment { bozo scale 7 turbulence 0.4 color_map { [0.2 srgb <0.30, 0.44, 0.22>] [0.6 srgb <0.46, 0.56, 0.28>] [0.9 srgb <0.62, 0.62, 0.34>] } }
}
sphere { 0, 1 scale <42, 13, 20> translate <-26, -1, 50> texture { Hill } }
sphere { 0, 1 scale <60, 10, 20> translate <34, -1, 48> texture { Hill translate 30 } }

// A windmill toy: six painted sails, one sixth of a turn joins up with the start.
union {
  cylinder { <0, 0, 0>, <0, 6.2, 0>, 0.22 pigment { srgb <0.36, 0.22, 0.13> } }
  union {
    #declare K = 0;
    #while (K < 6)
      triangle { <0, 0, 0>, <2.9, 0.2, 0.1>, <2.2, 1.7, 0.35> pigment { srgb (mod(K, 2) = 0 ? <0.86, 0.18, 0.14> : <0.96, 0.80, 0.22>) } rotate z * K * 60 }
      #declare K = K + 1;
    #end
    sphere { 0, 0.36 pigment { srgb <0.15, 0.18, 0.35> } finish { specular 0.5 roughness 0.02 } }
    rotate z * -Turn / 3
    translate <0, 6.2, -0.5>
  }
  translate <-4.9, 0, 3>
}

// A striped ball that bounces twice.
#declare Hop = abs(sin(2 * pi * clock));
sphere {
  0, 1.5
  pigment {
    gradient y
    color_map { [0.0 srgb <0.10, 0.36, 0.55>] [0.5 srgb <0.10, 0.36, 0.55>] [0.5 srgb <0.95, 0.93, 0.88>] [1 srgb <0.95, 0.93, 0.88>] }
    scale 0.8
  }
  finish { specular 0.5 roughness 0.02 }
  rotate <Turn, 0, 25>
  translate <0.6, 1.5 + 3.1 * Hop, -1.5>
}

// A turning column of stacked blocks.
union {
  box { <-1.5, 0, -1.5>, <1.5, 1.6, 1.5> pigment { srgb <0.23, 0.45, 0.33> } }
  box { <-1.2, 1.6, -1.2>, <1.2, 3.2, 1.2> pigment { srgb <0.86, 0.55, 0.20> } rotate y * 30 }
  box { <-0.9, 3.2, -0.9>, <0.9, 4.6, 0.9> pigment { srgb <0.55, 0.20, 0.38> } rotate y * 60 }
  rotate y * Turn / 4
  translate <6.4, 0, 3>
}
// And a ring that rolls round on its own axis.
torus {
  1.5, 0.42
  pigment { radial frequency 8 color_map { [0.5 srgb <0.16, 0.15, 0.17>] [0.5 srgb <0.88, 0.84, 0.72>] } }
  finish { specular 0.4 roughness 0.03 }
  rotate x * 90
  rotate z * Turn / 2
  rotate y * (30 + Turn)
  translate <3.1, 1.95, 7>
}
