// Package problem holds optimization problems with known optima, on which optimizers are tested and compared.
package problem
