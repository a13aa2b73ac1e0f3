variable "project_id" {
  description = "Project of the repository."
  type        = string
}

variable "location" {
  description = "Region of the repository; the one of the services, so that pulling an image costs nothing."
  type        = string
}

variable "name" {
  description = "Name of the repository."
  type        = string
  default     = "seismo"
}

variable "grants" {
  description = "Who may do what with the repository."
  type        = map(object({ role = string, member = string }))
  default     = {}
}
